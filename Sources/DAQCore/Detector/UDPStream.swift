/// One UDP stream of a detector: the frames of a module, or of a part of a module, sent to one port.
public struct UDPStream: Sendable, Hashable {
    /// Number of the stream; its port is `start_udp_port` plus this number.
    public let number: Int
    /// UDP port it is received on.
    public let udpPort: Int
    /// The module it shows: the key of its position.
    public let module: Int
    /// The half of a module with two interfaces: 0 for array rows 0 to 255 (half of the rows), 1 for the others; otherwise 0.
    public let part: Int
    /// Row of the stream in the detector's grid, as its headers say.
    public let row: Int
    /// Column of the stream in the detector's grid, as its headers say.
    public let column: Int
}

extension DetectorConfiguration {
    /// Number of UDP streams the detector has, placed or not.
    public var streamCount: Int {
        guard !type.sendsImages else { return 0 }
        return type == .eiger ? moduleCount : moduleCount * udpInterfaces
    }

    /// All UDP streams of the detector, in the order of their numbers.
    ///
    /// Without `module_grid` the modules are taken to stand above each other (EIGER: in as few columns as a module has).
    public var streams: [UDPStream] {
        (0..<streamCount).map { number in
            let module = type == .eiger ? number : number / udpInterfaces
            let part = type == .eiger ? 0 : number % udpInterfaces
            let row: Int
            let column: Int
            if type == .eiger {
                // Half modules are numbered down the columns; each has a left and a right stream.
                let rows = moduleGrid?.rows ?? max(1, streamCount / 2)
                row = (number / 2) % rows
                column = (number / 2) / rows * 2 + number % 2
            } else {
                let rows = max(1, (moduleGrid?.rows ?? streamCount) / udpInterfaces)
                row = module % rows * udpInterfaces + part
                column = module / rows
            }
            return UDPStream(
                number: number, udpPort: startUDPPort + number, module: module, part: part, row: row, column: column)
        }
    }

    /// The streams whose module has a position; only these are received.
    public var placedStreams: [UDPStream] {
        streams.filter { geometry != nil || modulePositions[$0.module] != nil }
    }

    /// The modules that have a position.
    package var placedModules: Set<Int> { Set(placedStreams.map(\.module)) }

    /// The packet format of a stream.
    ///
    /// Partial read-out (`read_rows`): rows are centred; of a whole JUNGFRAU module packets 64 − n/2 … 63 + n/2 are sent, with two
    /// interfaces 64 − n/2 … 63 by the first and 0 … n/2 − 1 by the second. MOENCH does the same around packet 25.
    ///
    /// - Precondition: the configuration is valid and of a supported type.
    public func packetFormat(of stream: UDPStream) -> StandardPacketFormat {
        switch type {
        case .eiger:
            let pixel: PixelType = bitDepth == 8 ? .uint8 : bitDepth == 16 ? .uint16 : .uint32
            return StandardPacketFormat(
                detector: .eiger, columns: 512, rows: 256, pixelType: pixel, payloadBytes: payloadBytes,
                packets: 0..<512 * 256 * pixel.bytes / payloadBytes)
        case .jungfrauRaw, .jungfrauConverted:
            return partialFormat(.jungfrau, columns: 1024, rows: 512, rowsPerPacket: 4, part: stream.part)
        case .moench:
            return partialFormat(.moench, columns: 400, rows: 400, rowsPerPacket: 8, part: stream.part)
        case .gigafrost, .pco, .camera:
            preconditionFailure("\(type.rawValue) has no streams of packets")
        }
    }

    private func partialFormat(
        _ detector: StandardPacketFormat.DetectorCode, columns: Int, rows: Int, rowsPerPacket: Int, part: Int
    ) -> StandardPacketFormat {
        let whole = rows / rowsPerPacket
        let sent = (readRows ?? rows) / rowsPerPacket
        let packets: Range<Int>
        if udpInterfaces == 1 {
            packets = (whole - sent) / 2..<(whole - sent) / 2 + sent
        } else if part == 0 {
            packets = (whole - sent) / 2..<whole / 2
        } else {
            packets = 0..<sent / 2
        }
        return StandardPacketFormat(
            detector: detector, columns: columns, rows: packets.count * rowsPerPacket, pixelType: .uint16,
            payloadBytes: columns * rowsPerPacket * 2, packets: packets)
    }
}
