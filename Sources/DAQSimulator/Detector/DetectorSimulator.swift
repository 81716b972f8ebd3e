public import DAQCore

/// A detector that makes the datagrams its real counterpart sends, bit for bit reproducible from configuration and options.
///
/// Image i (from 0) has the frame number ``frameNumber(ofImage:)``; the pixels are a function of that number, see ``PixelPattern``.
/// Making a packet costs one copy and no allocation. The headers follow slsDetectorPackage 9.2, version 2: EIGER says the number of
/// its last sub-frame (32 bit) as exposure, 0xE14A in detSpec3 and its interface in detSpec4; the others say the exposure in ticks
/// of 100 ns and, in detSpec1, the bunch id, as an integer or as a double as the configuration wants it.
///
/// Use it in memory (``forEachDatagram(image:_:)``) to test what reads packets, or let it send (``send(images:to:pace:faults:stop:progress:)``).
public struct DetectorSimulator: Sendable {
    /// The detector.
    public let configuration: DetectorConfiguration
    /// What it was told besides.
    public let options: SimulatorOptions
    /// The streams that send, in ascending order.
    public let streams: [UDPStream]
    /// Formats of ``streams``, in the same order.
    public let formats: [StandardPacketFormat]
    /// Length of every datagram in bytes.
    public let datagramBytes: Int
    /// Packets of one image, all streams together.
    public let packetsPerImage: Int
    private let pattern: PixelPattern
    private let packetNumbers: Int
    private let detector: StandardPacketFormat.DetectorCode

    /// A simulated detector.
    ///
    /// - Precondition: the configuration is valid and of a supported type.
    public init(_ configuration: DetectorConfiguration, options: SimulatorOptions = SimulatorOptions()) {
        self.configuration = configuration
        self.options = options
        streams = options.unplacedStreams ? configuration.streams : configuration.placedStreams
        formats = streams.map { configuration.packetFormat(of: $0) }
        let all = configuration.streams.map { configuration.packetFormat(of: $0) }
        precondition(!all.isEmpty, "a detector has at least one stream")
        packetNumbers = all.map(\.packets.upperBound).max() ?? 0
        datagramBytes = all[0].maximumDatagramBytes
        packetsPerImage = formats.reduce(0) { $0 + $1.packets.count }
        detector = all[0].detector
        pattern = PixelPattern(
            detector: detector, pixelType: all[0].pixelType, seed: options.seed, invalidGain: options.invalidGain)
    }

    /// The header's frame number of image `index`; where image ids are frame numbers they advance by the configured step.
    public func frameNumber(ofImage index: Int) -> UInt64 {
        let step = configuration.imageID == .frameNumber ? configuration.imageIDStep : 1
        return options.firstFrame &+ UInt64(index) &* step
    }

    /// The bunch id of image `index`, 0 for EIGER.
    public func bunchID(ofImage index: Int) -> UInt64 {
        guard detector != .eiger else { return 0 }
        let step = configuration.imageID == .frameNumber ? 1 : configuration.imageIDStep
        return options.firstBunchID &+ UInt64(index) &* step
    }

    /// The id under which image `index` is published.
    public func imageID(ofImage index: Int) -> UInt64 {
        configuration.imageID == .frameNumber ? frameNumber(ofImage: index) : bunchID(ofImage: index)
    }

    /// The headers' time stamp of image `index` in ticks of 100 ns.
    public func timestamp(ofImage index: Int) -> UInt64 { UInt64(index) &* options.period / 100 }

    /// Makes one datagram.
    ///
    /// - Parameters:
    ///   - image: index of the image, from 0.
    ///   - position: position in ``streams``.
    ///   - packet: a packet number of that stream's format.
    ///   - destination: at least ``datagramBytes`` long.
    public func writeDatagram(
        image: Int, streamAt position: Int, packet: Int, into destination: UnsafeMutableRawBufferPointer
    ) {
        precondition(destination.count >= datagramBytes, "a datagram needs \(datagramBytes) bytes")
        let stream = streams[position]
        precondition(formats[position].packets.contains(packet), "stream \(stream.number) has no packet \(packet)")
        writeHeader(image: image, stream: stream, packet: packet, into: destination)
        pattern.copyWindow(
            at: windowStart(frame: frameNumber(ofImage: image), stream: stream.number, packet: packet),
            to: UnsafeMutableRawBufferPointer(rebasing: destination[StandardPacketFormat.headerBytes..<datagramBytes]))
    }

    /// Lends every datagram of an image in the order a detector sends them: all streams at the same time, packet by packet.
    ///
    /// - Parameter body: gets the number of the stream, and the datagram for the time of the call.
    public func forEachDatagram<Failure: Error>(
        image: Int, _ body: (_ stream: Int, _ datagram: UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: datagramBytes, alignment: 16)
        defer { buffer.deallocate() }
        for turn in 0..<(formats.map(\.packets.count).max() ?? 0) {
            for position in streams.indices where turn < formats[position].packets.count {
                writeDatagram(
                    image: image, streamAt: position, packet: formats[position].packets.lowerBound + turn, into: buffer)
                try body(streams[position].number, UnsafeRawBufferPointer(buffer))
            }
        }
    }

    /// The pixels that a stream sends in image `image`, packet after packet, as bytes.
    ///
    /// - Parameter stream: number of a stream, also of one that does not send.
    public func expectedFrame(image: Int, stream: Int) -> [UInt8] {
        let format = configuration.packetFormat(of: configuration.streams[stream])
        return [UInt8](unsafeUninitializedCapacity: format.packets.count * format.payloadBytes) { bytes, count in
            for (index, packet) in format.packets.enumerated() {
                let piece = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(bytes)[
                        index * format.payloadBytes..<(index + 1) * format.payloadBytes])
                pattern.copyWindow(
                    at: windowStart(frame: frameNumber(ofImage: image), stream: stream, packet: packet), to: piece)
            }
            count = format.packets.count * format.payloadBytes
        }
    }

    private func windowStart(frame: UInt64, stream: Int, packet: Int) -> Int {
        let index =
            (frame &* UInt64(configuration.streamCount) &+ UInt64(stream)) &* UInt64(packetNumbers) &+ UInt64(packet)
        return Int(truncatingIfNeeded: (index &* 40503) & UInt64(PixelPattern.tableWords - 1))
    }

    private func writeHeader(image: Int, stream: UDPStream, packet: Int, into bytes: UnsafeMutableRawBufferPointer) {
        func store<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
            bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Number.self)
        }
        let isEiger = detector == .eiger
        let bunchID = bunchID(ofImage: image)
        store(frameNumber(ofImage: image), at: 0)
        store(isEiger ? subframe(ofImage: image) : UInt32(truncatingIfNeeded: options.exposure / 100), at: 8)
        store(UInt32(packet), at: 12)
        store(configuration.imageID == .bunchIDFloat64 && !isEiger ? Double(bunchID).bitPattern : bunchID, at: 16)
        store(timestamp(ofImage: image), at: 24)
        store(options.firstModuleID &+ UInt16(truncatingIfNeeded: stream.module), at: 32)
        store(UInt16(truncatingIfNeeded: stream.row), at: 34)
        store(UInt16(truncatingIfNeeded: stream.column), at: 36)
        store(UInt16(0), at: 38)
        store(isEiger ? UInt32(0xE14A) : options.information, at: 40)
        // A recorded EIGER 9M has 8192 here on its even ports.
        store(isEiger && stream.number % 2 == 0 ? UInt16(8192) : 0, at: 44)
        store(detector.rawValue, at: 46)
        store(options.headerVersion, at: 47)
    }

    /// EIGER adds up sub-frames of 2.62144 ms in 32-bit mode, and numbers them over the whole run.
    private func subframe(ofImage index: Int) -> UInt32 {
        guard configuration.bitDepth == 32 else { return UInt32(truncatingIfNeeded: options.exposure / 100) }
        return UInt32(truncatingIfNeeded: (UInt64(index) + 1) * max(1, options.exposure / 2_621_440))
    }
}
