/// The pixels of one UDP stream taken out of an image again, in the order in which the detector has sent them.
package struct PortCut: Sendable {
    /// Shape and type of the pixels of a stream.
    package let output: ImageFormat
    /// The format of the images they are taken out of.
    private let input: ImageFormat
    private let table: PixelRunTable
    private let stream: Int

    /// The cut of a stream.
    ///
    /// - Throws: ``GeometryError`` when an image does not show the stream as it was sent: one of strip sensors does not.
    package init(_ stream: UDPStream, of configuration: DetectorConfiguration, format: ImageFormat) throws {
        let geometry = try Geometry(configuration)
        guard geometry.strips == nil else {
            throw GeometryError.option("images of strip sensors do not show the ports as they were sent")
        }
        let packets = configuration.packetFormat(of: stream)
        let pixels = packets.packets.count * packets.payloadBytes / packets.pixelType.bytes
        let columns = geometry.shape.columns
        output = ImageFormat(width: columns, height: pixels / columns, pixelType: format.pixelType)
        input = format
        table = PixelRunTable(configuration, geometry, nil)
        self.stream = stream.number
    }

    /// Writes the pixels of the stream.
    ///
    /// - Parameters:
    ///   - pixels: of an image of the format that `init` was told.
    ///   - place: at least as large as ``output``.
    package func apply(to pixels: RawSpan, into place: UnsafeMutableRawBufferPointer) {
        precondition(pixels.byteCount >= input.bytes && place.count >= output.bytes, "an image or its place is too small")
        pixels.withUnsafeBytes { pixels in
            switch output.pixelType.bytes {
            case 1: gather(pixels.bindMemory(to: UInt8.self), place.bindMemory(to: UInt8.self))
            case 2: gather(pixels.bindMemory(to: UInt16.self), place.bindMemory(to: UInt16.self))
            default: gather(pixels.bindMemory(to: UInt32.self), place.bindMemory(to: UInt32.self))
            }
        }
    }

    private func gather<Pixel: BitwiseCopyable>(
        _ image: UnsafeBufferPointer<Pixel>, _ place: UnsafeMutableBufferPointer<Pixel>
    ) {
        let way = table.streams[stream]
        for index in 0..<way.packetCount {
            for run in table.runs(of: way, at: index) {
                let first = index * way.pixelsPerPacket + Int(run.source)
                for pixel in 0..<Int(run.count) { place[first + pixel] = image[run.destination + pixel * way.step] }
            }
        }
    }
}
