import DAQBuffer
import DAQCore

/// `daqctl stream`: shows the images of a ring that another process fills.
struct StreamCommand: Command {
    private static let ring = Argument.positional("RING", .text, help: "Name of the ring, as daqctl run tells it.")
    private static let format = Argument<StreamFormat>.required(
        "format", "FORMAT", .choice, help: "Format of the messages; docs/streams.md says which client understands what.")
    private static let address = Argument.required(
        "bind", "ADDRESS", .address, help: "Where clients find the stream, such as tcp://*:9001.")
    private static let pattern = Argument<StreamPattern?>.option(
        "pattern", "PATTERN", .choice,
        help: "How clients get messages: pub, push or rep; what the format's clients expect without it.")
    private static let rate = Argument<Double?>.option("rate", "HZ", .positive, help: "At most so many images a second.")
    private static let nth = Argument<Int?>.option("every", "N", .integer(1...), help: "One of N images.")
    private static let region = Argument<ImageRegion?>.option(
        "region", "CORNERS", .region,
        help: "Show this part only: X_START,Y_START,X_END,Y_END in pixels from 0, both corners included.")
    private static let binning = Argument<Int>.option(
        "binning", "N", .integer(1...StreamConfiguration.maximumBinning), default: 1,
        help: "Add N × N pixels to one (1).")
    private static let compression = Argument<StreamCompression>.option(
        "compression", "HOW", .choice, default: .none, help: "none or bitshuffle_lz4, for bsread and dectris (none).")
    private static let configuration = Argument<String?>.option(
        "config", "CONFIG", .path, help: "The detector's configuration, for formats that describe the detector.")
    private static let duration = CommonArguments.duration
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "stream",
        summary: "show the images of a ring to clients over the network",
        discussion: """
            Attaches to the ring of another process, such as daqctl run, and streams its newest images until the run \
            ends or until Ctrl-C. Neither this program nor its clients can cost the run an image: whoever is too slow \
            misses some, and they are counted.
            """,
        arguments: [
            ring.declaration, format.declaration, address.declaration, pattern.declaration, rate.declaration, nth.declaration,
            region.declaration, binning.declaration, compression.declaration, configuration.declaration, duration.declaration,
            json.declaration,
            quiet.declaration,
        ],
        examples: [
            "daqctl stream jungfrau4m --format array-1.0 --bind tcp://*:9001 --rate 10",
            "daqctl stream jungfrau4m --format array-1.0 --bind tcp://*:9003 --region 0,0,511,255",
            "daqctl stream jungfrau4m --format metadata --bind tcp://*:9002",
        ])

    let ring: String
    let stream: StreamConfiguration
    let configuration: String?
    let duration: Double?
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        ring = try arguments(Self.ring)
        configuration = try arguments(Self.configuration)
        duration = try arguments(Self.duration)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
        let (rate, nth) = (try arguments(Self.rate), try arguments(Self.nth))
        if rate != nil, nth != nil { throw .exclusive(Self.rate.declaration, Self.nth.declaration) }
        var stream = StreamConfiguration(
            try arguments(Self.format), address: try arguments(Self.address), pattern: try arguments(Self.pattern),
            selection: rate.map { .hertz($0) } ?? nth.map { .nth($0) } ?? .image,
            region: try arguments(Self.region), binning: try arguments(Self.binning))
        stream.compression = try arguments(Self.compression)
        self.stream = stream
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("stream", console: console, json: json, quiet: quiet)
        let reader = try ImageRingReader(attachingTo: ring, as: .watcher)
        let detector = try RingDetector.configuration(of: reader, describedBy: configuration, reporter)
        if configuration == nil { try check(reader, reporter) }
        let source = RingSource(reader, after: reader.newest?.publication ?? 0)
        let run = RingRun(
            reader: reader, source: source, detector: detector, queueLimit: reader.slotCount, reporter: reporter, stop: stop,
            duration: duration)
        let ledger = try run.run(into: [LiveStream(stream)]) {
            reporter.event(
                "ready", ["ring": .string(reader.name), "address": .string(stream.address)],
                message: "ready: images of ring \(reader.name) as \(stream.format.rawValue) at \(stream.address)")
        }
        let accounts = ledger.sinks.map { RunSummary.Account($0) }
        reporter.result(
            "summary",
            ["images": .unsigned(ledger.receive.images.published), "streams": .array(accounts.map(\.json))],
            text: accounts.map(\.text).joined())
        if let failure = ledger.sinks.lazy.compactMap(\.failure).first { throw RunFailure(reason: failure) }
    }

    /// Says what cannot be done well while nobody tells what the images are of.
    private func check(_ reader: ImageRingReader, _ reporter: Reporter) throws {
        guard reader.detectorType == nil else { return }
        if stream.binning > 1, reader.format.pixelType == .uint16 {
            throw CommandFailure(
                reason: "ring \(reader.name) does not tell its detector, and raw JUNGFRAU words cannot be added up; give "
                    + "--config CONFIG to bin its images")
        }
        if stream.format == .dectris {
            reporter.warning(
                "ring \(reader.name) does not tell its detector: clients get \"camera\" and a pixel size of 0; give --config CONFIG"
            )
        }
    }
}
