import DAQCore

/// Looks at published images: their order, and where every pixel came from.
struct ImageInspector {
    private let streams: [UDPStream]
    private let formats: [StandardPacketFormat]
    private let isByFrameNumber: Bool
    private let packetBits: Int
    private var last: (segment: UInt32, id: UInt64)?
    /// Images seen so far.
    private(set) var published: UInt64 = 0

    /// An inspector of the images of these streams.
    ///
    /// - Parameter isByFrameNumber: whether the frame number is the image id.
    init(_ streams: [UDPStream], _ formats: [StandardPacketFormat], isByFrameNumber: Bool) {
        self.isByFrameNumber = isByFrameNumber
        self.streams = streams
        self.formats = formats
        let most = formats.map(\.packets.count).max() ?? 1
        packetBits = Int.bitWidth - (most - 1).leadingZeroBitCount
    }

    private var sources: Int { streams.count << packetBits }

    /// The pixel of a packet: never that of a gap (0) or a missing packet (all ones).
    func pixel(frame: UInt64, port: Int, packet: Int) -> UInt16 {
        let index = packet - formats[port].packets.lowerBound
        guard formats[port].packets.contains(packet) else { return 0 }
        return UInt16(tag(frame) * sources + port << packetBits + index + 1)
    }

    /// Distinguishes frame numbers; as many as fit into a pixel.
    private func tag(_ frame: UInt64) -> Int { Int(frame % UInt64(65000 / sources)) }

    /// Checks the next published image.
    mutating func inspect(_ image: Image) {
        let key = (image.metadata.segment, image.metadata.id)
        if let last { require(last < key, "image \(key) was published after \(last)") }
        last = key
        published += 1
        let ports = image.metadata.missing.map(\.port)
        require(Set(ports).count == ports.count, "a port is listed twice as incomplete: \(ports)")
        require(
            (image.metadata.status == .good) == image.metadata.missing.isEmpty, "the status of image \(key) contradicts its list")
        inspectPixels(of: image)
    }

    /// Checks that every pixel of a port is that of a packet of one frame, the image's own, or says that there is none.
    func inspectPixels(of image: Image) {
        let key = "\(image.metadata.segment):\(image.metadata.id)"
        var counts = [Int](repeating: 0, count: sources)
        // By bunch id, the image does not say which frames it is made of; each port's must still be one.
        var tags = [Int?](repeating: isByFrameNumber ? tag(image.metadata.id) : nil, count: streams.count)
        var missing = 0
        var foreign: UInt16?
        func count(_ pixel: UInt16, times: Int) {
            if pixel == .max { missing += times }
            guard pixel != .max, pixel != 0 else { return }
            let (frame, source) = (Int(pixel) - 1).quotientAndRemainder(dividingBy: sources)
            let port = source >> packetBits
            if let tag = tags[port], tag != frame { foreign = pixel }
            tags[port] = frame
            counts[source] += times
        }
        image.withPixels(as: UInt16.self) { pixels in
            // Neighbours are nearly always the same.
            var start = 0
            for index in pixels.indices where pixels[index] != pixels[start] {
                count(pixels[start], times: index - start)
                start = index
            }
            count(pixels[start], times: pixels.count - start)
        }
        require(foreign == nil, "image \(key) has pixel \(foreign ?? 0) of another frame")
        var expectedMissing = 0
        for (port, stream) in streams.enumerated() {
            let lacking = image.metadata.missing.first { $0.port == stream.number }?.packets ?? PacketSet()
            for (index, packet) in formats[port].packets.enumerated() {
                let pixels = formats[port].pixels(of: packet).count
                let isMissing = lacking.contains(packet)
                expectedMissing += isMissing ? pixels : 0
                require(
                    counts[port << packetBits + index] == (isMissing ? 0 : pixels),
                    "image \(key): packet \(packet) of stream \(stream.number) is \(isMissing ? "missing" : "there")"
                        + " and has \(counts[port << packetBits + index]) of \(pixels) pixels")
            }
        }
        require(missing == expectedMissing, "image \(key): \(missing) pixels are missing, \(expectedMissing) should be")
    }
}
