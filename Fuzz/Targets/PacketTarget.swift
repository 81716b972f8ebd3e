import DAQCore

extension FuzzTarget {
    /// One datagram of any bytes, read by the format of every detector.
    ///
    /// Byte 0 chooses the format, the rest is the beginning of a datagram; byte 1 says how its length differs from the right one.
    package static let packets = FuzzTarget(name: "packets", maximumBytes: 128) { bytes in
        var input = FuzzInput(bytes)
        let format = PacketFormats.all[input.number(below: PacketFormats.all.count)]
        let change = input.byte()
        // 0 leaves the length right; others shorten to any small length, or add a little.
        let length =
            switch change {
            case 0...127: format.maximumDatagramBytes
            case 128...223: Int(change) - 128
            default: format.maximumDatagramBytes + Int(change) - 240
            }
        var datagram = [UInt8](repeating: 0, count: length)
        let start = input.rest()
        for index in 0..<min(start.count, length) { datagram[index] = start[index] }
        datagram.withUnsafeBytes { datagram in
            guard case .packet(let header) = format.read(datagram) else { return }
            require(datagram.count == format.maximumDatagramBytes, "a datagram of \(datagram.count) bytes was accepted")
            require(format.packets.contains(header.packet), "packet \(header.packet) was accepted")
            let pixels = format.pixels(of: header.packet)
            require(
                pixels.lowerBound >= 0 && pixels.upperBound <= format.frameSize.columns * format.frameSize.rows,
                "packet \(header.packet) has pixels \(pixels)")
            require(
                header.payloadOffset + pixels.count * format.pixelType.bytes == datagram.count,
                "packet \(header.packet) has \(pixels.count) pixels in \(datagram.count) bytes")
        }
    } seeds: {
        PacketFormats.all.enumerated().map { index, format in
            let header = PacketHeaderBytes(detector: format.detector, frame: 7, packet: format.packets.lowerBound)
            return ("format-\(index)", [UInt8(index), 0] + header.bytes)
        }
    }
}

/// Every packet format there is, in its variants.
enum PacketFormats {
    static let all: [StandardPacketFormat] = {
        var configurations = FuzzDetector.allCases.map(\.configuration)
        for (depth, payload) in [(8, 4096), (32, 4096), (16, 1024), (32, 1024)] {
            var eiger = FuzzDetector.eiger.configuration
            eiger.bitDepth = depth
            eiger.payloadBytes = payload
            configurations.append(eiger)
        }
        for detector in [FuzzDetector.jungfrau, .moench] {
            var whole = detector.configuration
            whole.readRows = nil
            configurations.append(whole)
        }
        return configurations.flatMap { configuration in
            configuration.placedStreams.map { configuration.packetFormat(of: $0) }
        }
    }()
}

/// A standard header as it comes from a detector.
struct PacketHeaderBytes {
    var bytes = [UInt8](repeating: 0, count: StandardPacketFormat.headerBytes)

    init(
        detector: StandardPacketFormat.DetectorCode, frame: UInt64, packet: Int, bunch: UInt64 = 0, row: Int = 0, column: Int = 0
    ) {
        store(frame, at: 0)
        store(UInt32(packet), at: 12)
        store(bunch, at: 16)
        store(UInt16(row), at: 34)
        store(UInt16(column), at: 36)
        bytes[46] = detector.rawValue
        bytes[47] = 2
    }

    private mutating func store(_ number: some FixedWidthInteger, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number)) }
    }

    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
