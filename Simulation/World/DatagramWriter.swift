import DAQCore

/// Makes the datagram of a packet: all of its header, and its markers or all of its pixels.
final class DatagramWriter {
    private let scenario: Scenario
    private let streams: [UDPStream]
    private let formats: [StandardPacketFormat]
    private let pixels: PixelModel
    private let buffer: UnsafeMutableRawBufferPointer
    /// The frame number of every frame of the run, and its bunch id.
    private let numbers: [UInt64]
    private let bunches: [UInt64]

    deinit { buffer.deallocate() }

    /// Frames of which every pixel is written and checked.
    static func isWhole(_ frame: Int) -> Bool { frame % 32 == 5 }

    init(_ scenario: Scenario, formats: [StandardPacketFormat], pixels: PixelModel) {
        self.scenario = scenario
        streams = scenario.configuration.streams
        self.formats = formats
        self.pixels = pixels
        // One byte more than the longest datagram, for one that is too long.
        buffer = .allocate(byteCount: (formats.map(\.maximumDatagramBytes).max() ?? 0) + 1, alignment: 64)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        numbers = scenario.stretches.flatMap { stretch in
            (0..<stretch.count).map { stretch.firstNumber + UInt64($0) * scenario.frameStep }
        }
        bunches = scenario.stretches.flatMap { stretch in
            (0..<stretch.count).map {
                scenario.bunch(ofFrameNumber: stretch.firstNumber + stretch.numbersBefore + UInt64($0) * scenario.frameStep)
            }
        }
    }

    /// The time stamp of a frame.
    static func timestamp(ofFrame frame: Int) -> UInt64 { 1_000_003 &* UInt64(frame) &+ 11 }

    /// The information word of a frame: most often the same for all streams.
    static func information(ofFrame frame: Int, stream: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: frame) & 0xFF | (frame % 7 == 3 ? 0x100 << UInt32(stream % 8) : 0)
    }

    /// The row that a packet with a wrong one names; no detector has it.
    static func wrongRow(ofFrame frame: Int) -> UInt16 { frame % 2 == 0 ? 600 : 700 }

    /// Lends the datagram of a packet.
    @inline(__always)
    func write(_ packet: Packet, _ body: (UnsafeRawBufferPointer) -> Void) {
        let stream = Int(packet.stream)
        let frame = Int(packet.frame)
        let format = formats[stream]
        writeHeader(packet, stream, frame, format)
        let tag = pixels.tag(frame: frame, stream: stream)
        let base = StandardPacketFormat.headerBytes
        let size = pixels.pixelType.bytes
        if Self.isWhole(frame) {
            for pixel in 0..<pixels.pixelsPerPacket {
                store(pixels.bits(tag: tag, packet: Int(packet.packet), pixel: pixel), size, at: base &+ pixel &* size)
            }
        } else {
            for pixel in pixels.markerPixels {
                store(pixels.bits(tag: tag, packet: Int(packet.packet), pixel: pixel), size, at: base &+ pixel &* size)
            }
        }
        var length = format.maximumDatagramBytes
        switch packet.damage {
        case .shorter: length = Int(tag % UInt64(length))
        case .longer: length += 1
        default: break
        }
        body(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
    }

    @inline(__always)
    private func store(_ bits: UInt32, _ size: Int, at offset: Int) {
        switch size {
        case 1: buffer.storeBytes(of: UInt8(truncatingIfNeeded: bits), toByteOffset: offset, as: UInt8.self)
        case 2: buffer.storeBytes(of: UInt16(truncatingIfNeeded: bits), toByteOffset: offset, as: UInt16.self)
        default: buffer.storeBytes(of: bits, toByteOffset: offset, as: UInt32.self)
        }
    }

    private func writeHeader(_ packet: Packet, _ stream: Int, _ frame: Int, _ format: StandardPacketFormat) {
        func put<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
            buffer.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Number.self)
        }
        let bunch = bunches[frame]
        put(numbers[frame], at: 0)
        put(UInt32(0), at: 8)
        put(UInt32(Int(packet.packet) + format.packets.lowerBound), at: 12)
        put(scenario.configuration.imageID == .bunchIDFloat64 ? Double(bunch).bitPattern : bunch, at: 16)
        put(Self.timestamp(ofFrame: frame), at: 24)
        put(UInt16(0), at: 32)
        put(UInt16(streams[stream].row), at: 34)
        put(UInt16(streams[stream].column), at: 36)
        put(UInt16(0), at: 38)
        put(Self.information(ofFrame: frame, stream: stream), at: 40)
        put(UInt16(0), at: 44)
        put(format.detector.rawValue, at: 46)
        put(UInt8(1 + frame % 2), at: 47)
        switch packet.damage {
        case .none, .shorter, .longer: break
        case .version: put(UInt8(frame % 2 == 0 ? 0 : 3), at: 47)
        case .detectorType: put(format.detector.rawValue &+ 1, at: 46)
        case .packetNumber:
            let outside = frame % 2 == 0 || format.packets.lowerBound == 0
            put(UInt32(outside ? format.packets.upperBound : format.packets.lowerBound - 1), at: 12)
        case .position: put(Self.wrongRow(ofFrame: frame), at: 34)
        case .number: put(numbers[frame] &+ (1 << 41) &+ UInt64(frame) << 20, at: 0)
        }
    }
}

extension Scenario {
    /// Whether images are named by bunch ids.
    var isByBunch: Bool { configuration.imageID != .frameNumber }

    /// The image id of a frame number.
    func imageID(ofNumber number: UInt64) -> UInt64 {
        isByBunch ? 5000 &+ number &* configuration.imageIDStep : number
    }

    /// The bunch id in the headers of a frame number, as a number.
    func bunch(ofFrameNumber number: UInt64) -> UInt64 { imageID(ofNumber: number) &+ (isByBunch ? 0 : 77) }
}
