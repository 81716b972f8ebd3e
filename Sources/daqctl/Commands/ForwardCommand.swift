import DAQBuffer
import DAQCore

/// `daqctl forward`: receives images and sends them to other hosts, without files.
struct ForwardCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let to = Argument<[String]>.repeated(
        "to", "ADDRESS", .text, help: "A far end, such as tcp://far-host:9100; instead of the configuration's. May be repeated.")
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
        summary: "receive images and send them to other hosts",
        discussion: """
            Receives as run does and sends every image to each far end, where daqctl run --from takes them. Nothing is \
            lost when a connection breaks for a while; what a far end is too slow for is counted, and named there.
            """,
        arguments: [
            configuration.declaration, to.declaration, connections.declaration, keys.declaration, images.declaration,
            duration.declaration, set.declaration, json.declaration, quiet.declaration,
        ],
        examples: [
            "daqctl forward detector.json --to tcp://far-host:9100",
            "daqctl forward detector.json --to tcp://far-host:9100 --connections 4 --keys sender.keys",
        ])

    let configuration: String
    let to: [String]
    let connections: Int?
    let keys: String?
    let images: Int?
    let duration: Double?
    let settings: [Setting]
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        to = try arguments(Self.to)
        connections = try arguments(Self.connections)
        keys = try arguments(Self.keys)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
        settings = try arguments(Self.set)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("forward", console: console, json: json, quiet: quiet)
        var detector = try reporter.document(configuration, settings: settings).configuration
        if !to.isEmpty { detector.forward = to.map { ForwardConfiguration(address: $0, isListening: false) } }
        for index in detector.forward.indices {
            if let connections { detector.forward[index].connections = connections }
            if let keys { detector.forward[index].keys = keys }
        }
        guard !detector.forward.isEmpty else { throw RunFailure(reason: "no far end; give --to ADDRESS or the key forward") }
        var run = DetectorRun(
            detector: detector, calibration: try reporter.calibration(of: detector), reporter: reporter, stop: stop)
        run.images = images
        run.duration = duration
        try run.run()
    }
}
