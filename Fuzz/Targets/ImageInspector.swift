import DAQCore

/// Looks at published images: their order, and where every pixel came from.
struct ImageInspector {
    private let streams: [UDPStream]
    private let formats: [StandardPacketFormat]
    private let packetBits: Int
    private var last: (segment: UInt32, id: UInt64)?
    /// Images seen so far.
    private(set) var published: UInt64 = 0

    init(_ streams: [UDPStream], _ formats: [StandardPacketFormat]) {
        self.streams = streams
        self.formats = formats
        let most = formats.map(\.packets.count).max() ?? 1
        packetBits = Int.bitWidth - (most - 1).leadingZeroBitCount
    }

    private var sources: Int { streams.count << packetBits }

    /// The pixel of a packet: never that of a gap (0) or a missing packet (all ones).
    func pixel(id: UInt64, port: Int, packet: Int) -> UInt16 {
        let index = packet - formats[port].packets.lowerBound
        guard formats[port].packets.contains(packet) else { return 0 }
        return UInt16(tag(id) * sources + port << packetBits + index + 1)
    }

    /// Distinguishes image ids; as many as fit into a pixel.
    private func tag(_ id: UInt64) -> Int { Int(id % UInt64(65000 / sources)) }

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

    /// Checks that every pixel is that of a packet of this image, or says that there is none.
    func inspectPixels(of image: Image) {
        let base = tag(image.metadata.id) * sources + 1
        var counts = [Int](repeating: 0, count: sources)
        var missing = 0
        var foreign: UInt16?
        image.withPixels(as: UInt16.self) { pixels in
            for index in pixels.indices {
                let pixel = pixels[index]
                if pixel == .max {
                    missing += 1
                } else if pixel != 0 {
                    let source = Int(pixel) - base
                    if source >= 0, source < counts.count { counts[source] += 1 } else { foreign = pixel }
                }
            }
        }
        let key = "\(image.metadata.segment):\(image.metadata.id)"
        require(foreign == nil, "image \(key) has pixel \(foreign ?? 0) of another image")
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
