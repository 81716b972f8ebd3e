import DAQBuffer
import DAQCore

/// `daqctl forward`: sends images to other hosts, without files: those that it receives, or those of a ring.
struct ForwardCommand: Command {
    /// Where the images come from.
    enum Origin: Equatable {
        /// They are received as a configuration says.
        case configuration(String)
        /// Another process puts them into a ring.
        case ring(String)

        /// What a word on the command line means: names of rings have no slash, and those of configurations end in .json.
        init(_ text: String) {
            let isPath = text.contains("/") || text.hasSuffix(".json") || FilePath.isFile(text)
            self = isPath ? .configuration(text) : .ring(text)
        }
    }

    private static let origin = Argument.positional(
        "CONFIG|RING", .text,
        help: """
            The detector's configuration, a JSON document; or the name of a ring, as daqctl run tells it. What ends in \
            .json, has a slash, or is an existing file is a configuration.
            """)
    private static let to = Argument<[String]>.repeated(
        "to", "ADDRESS", .address,
        help: "A far end, such as tcp://far-host:9100; instead of the configuration's. May be repeated.")
    private static let connections = Argument<Int?>.option(
        "connections", "N", .integer(1...64), help: "Connections to each far end (2).")
    private static let keys = Argument<String?>.option(
        "keys", "FILE", .path, help: "Encrypt and authenticate with the keys of this file (daqctl keys).")
    private static let images = CommonArguments.images
    private static let duration = CommonArguments.duration
    private static let set = CommonArguments.set
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "forward",
        summary: "receive images, or take those of a run, and send them to other hosts",
        discussion: """
            With a configuration it receives as run does; with the name of a ring it attaches to a run that goes on, \
            from its next image on, and ends with it. Every image goes to each far end, where daqctl run --from takes \
            them. Nothing is lost when a connection breaks for a while; what a far end is too slow for is counted, and \
            named there.

            A ring is never held up: at most half of its images wait for the far ends.
            """,
        arguments: [
            origin.declaration, to.declaration, connections.declaration, keys.declaration, images.declaration,
            duration.declaration, set.declaration, json.declaration, quiet.declaration,
        ],
        examples: [
            "daqctl forward detector.json --to tcp://far-host:9100",
            "daqctl forward detector.json --to tcp://far-host:9100 --connections 4 --keys sender.keys",
            "daqctl forward jungfrau4m --to tcp://far-host:9100",
        ])

    let origin: Origin
    let to: [String]
    let connections: Int?
    let keys: String?
    let images: Int?
    let duration: Double?
    let settings: [Setting]
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        origin = Origin(try arguments(Self.origin))
        to = try arguments(Self.to)
        connections = try arguments(Self.connections)
        keys = try arguments(Self.keys)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
        settings = try arguments(Self.set)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
        guard case .ring = origin else { return }
        if !settings.isEmpty { throw .needsConfiguration(Self.set.declaration) }
        if to.isEmpty { throw .missing(Self.to.declaration) }
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("forward", console: console, json: json, quiet: quiet)
        switch origin {
        case .configuration(let path): try run(path, reporter, stop)
        case .ring(let name): try forward(ring: name, reporter, stop)
        }
    }

    private func run(_ path: String, _ reporter: Reporter, _ stop: StopRequest) throws {
        var detector = try reporter.document(path, settings: settings).configuration
        setEnds(of: &detector)
        guard !detector.forward.isEmpty else { throw CommandFailure(reason: "no far end; give --to ADDRESS or the key forward") }
        var run = DetectorRun(
            detector: detector, calibration: try reporter.calibration(of: detector), reporter: reporter, stop: stop)
        run.images = images
        run.duration = duration
        try run.run()
    }

    private func forward(ring: String, _ reporter: Reporter, _ stop: StopRequest) throws {
        let reader: ImageRingReader
        do {
            reader = try ImageRingReader(attachingTo: ring, as: .lossless)
        } catch let error as RingError {
            guard case .absent = error else { throw error }
            throw CommandFailure(reason: "\(error); and there is no file \(ring) that could be a configuration")
        }
        var detector = RingDetector.configuration(of: reader)
        // Where another count begins is said by the ring's segments.
        detector.maxIDGap = 1 << 53
        setEnds(of: &detector)
        try check(detector, ring)
        // Of the half of the ring that may be held, half waits to be sent and half to be confirmed.
        let queueLimit = max(1, reader.slotCount / (4 * detector.forward.count))
        let run = RingRun(
            reader: reader, source: RingSource(reader, after: reader.newest?.publication ?? 0), detector: detector,
            queueLimit: queueLimit, reporter: reporter, stop: stop, images: images, duration: duration)
        let addresses = detector.forward.map(\.address)
        let ledger = try run.run(
            into: reporter.forwarders(
                of: detector, format: reader.format, slots: reader.slotCount / 2, relaying: nil)
        ) {
            reporter.event(
                "ready", ["ring": .string(ring), "to": .array(addresses.map { .string($0) })],
                message: "ready: images of ring \(ring) go to \(addresses.joined(separator: " and "))")
        }
        var summary = RunSummary(ledger, of: detector, files: [])
        summary.unit = .sharedImage
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = summary.failure { throw RunFailure(reason: failure) }
    }

    private func setEnds(of detector: inout DetectorConfiguration) {
        if !to.isEmpty { detector.forward = to.map { ForwardConfiguration(address: $0, isListening: false) } }
        for index in detector.forward.indices {
            if let connections { detector.forward[index].connections = connections }
            if let keys { detector.forward[index].keys = keys }
        }
    }

    private func check(_ detector: DetectorConfiguration, _ ring: String) throws(ConfigurationError) {
        let problems = detector.validate().filter { $0.path.description.hasPrefix("forward") }
        guard problems.isEmpty else { throw ConfigurationError(source: ring, problems: problems) }
    }
}
