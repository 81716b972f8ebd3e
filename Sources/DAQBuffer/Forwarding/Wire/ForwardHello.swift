import DAQCore

/// What the sending end says about its stream.
struct ForwardHello: Equatable {
    /// The first sequence number that is not confirmed.
    var base: UInt64
    var format: ImageFormat
    /// Bytes of every part but the last of an image.
    var partBytes: UInt64
    /// Distance of consecutive ids.
    var step: UInt64
    /// Larger jumps of the id are no gaps.
    var maxGap: UInt64
    /// Name of the detector, for messages.
    var name: String

    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(clamping: format.width))
        writer.write(UInt32(clamping: format.height))
        // The numbers of the std-daq protocol.
        writer.write(UInt8(clamping: format.pixelType.stdDAQ))
        for number in [partBytes, step, maxGap] { writer.write(number) }
        writer.write(name)
    }
}

extension ForwardHello {
    init?(base: UInt64, _ reader: inout ByteReader) {
        guard let width = reader.read(UInt32.self), let height = reader.read(UInt32.self),
            let pixelType = reader.read(UInt8.self).flatMap({ PixelType(stdDAQ: UInt64($0)) }),
            let partBytes = reader.read(UInt64.self),
            let step = reader.read(UInt64.self), step > 0, let maxGap = reader.read(UInt64.self), let name = reader.readRemark()
        else { return nil }
        self.init(
            base: base, format: ImageFormat(width: Int(width), height: Int(height), pixelType: pixelType), partBytes: partBytes,
            step: step, maxGap: maxGap, name: name)
    }
}
