import DAQCore

/// The stream of the detector group's receiver: for every UDP port a JSON header that ends in a newline, and the port's pixels as
/// the detector has sent them; at the end a header without pixels.
///
/// Source: the ZeroMQ stream of slsDetectorPackage 9 (jsonversion 5). Unknown to this program and always the same are expLength,
/// progress and fname.
struct SLSEncoder: StreamEncoder {
    private let stream: UDPStream
    private let format: ImageFormat
    private let detectorType: UInt8
    private let flipsRows: Bool
    private let packets: Int
    /// Columns and rows of ports.
    private let grid: (columns: Int, rows: Int)
    private let name: String
    private var images: UInt64 = 0

    init(_ stream: UDPStream, of configuration: DetectorConfiguration, cut: PortCut) {
        let streams = configuration.streams
        self.stream = stream
        format = cut.output
        let packetFormat = configuration.packetFormat(of: stream)
        detectorType = packetFormat.detector.rawValue
        packets = packetFormat.packets.count
        let position = configuration.modulePositions[stream.module]
        flipsRows = position.map { $0.yEnd < $0.yStart } ?? false
        grid = ((streams.map(\.column).max() ?? 0) + 1, (streams.map(\.row).max() ?? 0) + 1)
        name = configuration.name
    }

    mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage) {
        let missing = metadata.missing.first { $0.port == stream.number }?.packets.count ?? 0
        let size = format.bytes
        write(into: &message, hasData: true, size: size, metadata, missing: missing)
        message.appendPixels()
        images += 1
    }

    mutating func end(into message: inout StreamMessage) {
        write(into: &message, hasData: false, size: 0, ImageMetadata(id: 0), missing: 0)
        images = 0
    }

    private func write(
        into message: inout StreamMessage, hasData: Bool, size: Int, _ metadata: ImageMetadata, missing: Int
    ) {
        func add(_ key: StaticString, _ number: some BinaryInteger) {
            message.bytes.append(json: key)
            message.bytes.append(json: number)
        }
        func add(_ key: StaticString, _ first: Int, _ second: Int) {
            add(key, first)
            add(", ", second)
            message.bytes.append(json: "]")
        }
        add("{\"jsonversion\":", 5)
        add(", \"bitmode\":", format.pixelType.bytes * 8)
        add(", \"fileIndex\":", 0)
        add(", \"detshape\":[", grid.columns, grid.rows)
        add(", \"shape\":[", format.width, format.height)
        add(", \"size\":", size)
        add(", \"acqIndex\":", metadata.id)
        add(", \"frameIndex\":", images)
        add(", \"progress\":", 0)
        message.bytes.append(json: ", \"fname\":")
        message.bytes.append(jsonText: name)
        add(", \"data\":", hasData ? 1 : 0)
        add(", \"completeImage\":", hasData && missing == 0 ? 1 : 0)
        add(", \"frameNumber\":", metadata.id)
        add(", \"expLength\":", 0)
        add(", \"packetNumber\":", hasData ? packets - missing : 0)
        add(", \"detSpec1\":", metadata.pulseID)
        add(", \"timestamp\":", metadata.detectorTimestamp)
        add(", \"modId\":", stream.module)
        add(", \"row\":", stream.row)
        add(", \"column\":", stream.column)
        add(", \"detSpec2\":", 0)
        add(", \"detSpec3\":", metadata.information)
        add(", \"detSpec4\":", 0)
        add(", \"detType\":", detectorType)
        add(", \"version\":", 2)
        add(", \"flipRows\":", flipsRows ? 1 : 0)
        add(", \"quad\":", 0)
        add(", \"rx_roi\":[", 0, format.width - 1)
        message.bytes.removeLast()
        add(", ", 0, format.height - 1)
        message.bytes.append(json: "}\n")
        message.endPart()
    }
}

extension SLSEncoder {
    /// One socket of the stream.
    struct Port {
        let address: String
        let encoder: SLSEncoder
        let cut: PortCut
    }

    /// The sockets of a stream: consecutive TCP ports, one for every UDP port that is received.
    ///
    /// - Throws: ``StreamError`` when the format cannot show such images.
    static func ports(of stream: StreamConfiguration, showing run: RunDescription) throws -> [Port] {
        let configuration = run.configuration
        func refuse(_ reason: String) -> StreamError { .unsupported(.sls, reason: reason) }
        guard stream.compression == .none else { throw refuse("cannot carry compressed pixels") }
        guard stream.pattern == .publish else { throw refuse("has the pattern pub only") }
        guard stream.region == nil, stream.binning == 1 else { throw refuse("shows whole ports; remove region and binning") }
        guard configuration.content == .raw else {
            throw refuse("shows pixels as the detector sends them; set ring.content to \"raw\"")
        }
        let streams = configuration.placedStreams
        guard !streams.isEmpty else { throw refuse("shows UDP ports, and this detector has none") }
        let addresses = try Self.addresses(from: stream.address, count: streams.count)
        return try zip(addresses, streams).map { address, stream in
            let cut = try PortCut(stream, of: configuration, format: run.format)
            return Port(address: address, encoder: SLSEncoder(stream, of: configuration, cut: cut), cut: cut)
        }
    }

    /// The addresses with consecutive ports.
    static func addresses(from first: String, count: Int) throws(StreamError) -> [String] {
        // `*` lets the system choose each of them.
        if first.hasSuffix(":*") { return Array(repeating: first, count: count) }
        guard let colon = first.lastIndex(of: ":"), let port = Int(first[first.index(after: colon)...]), port > 0,
            first.hasPrefix("tcp://"), port + count - 1 <= 65_535
        else {
            throw .unsupported(
                .sls, reason: "needs \(count) TCP ports from the one in its address on, such as tcp://*:30001; found \(first)")
        }
        return (0..<count).map { "\(first[...colon])\(port + $0)" }
    }
}
