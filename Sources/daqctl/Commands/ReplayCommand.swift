import DAQSimulator

/// `daqctl replay`: sends recorded packets again.
struct ReplayCommand: Command {
    private static let paths = Argument<[String]>.positionals(
        "PATH", .path, help: "Capture files (pcap), or a folder of <port>.dat files, sent image by image over all ports.")
    private static let host = CommonArguments.host
    private static let basePort = Argument<Int?>.option(
        "base-port", "P", .integer(1...65_535),
        help: "Send to ports from P up instead of the recorded ones, which keep their distances.")
    private static let rate = Argument<Double?>.option(
        "rate", "HZ", .positive, help: "Images a second; without it the recorded times decide.")
    private static let speed = Argument<Double?>.option(
        "speed", "FACTOR", .positive, help: "Play this many times faster than recorded; not together with --rate.")
    private static let patient = SimulateCommand.patient
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "replay",
        summary: "send recorded packets again",
        discussion: """
            Plays at the recorded speed unless told otherwise. The same faults can be put in as with simulate.
            """,
        arguments: [
            paths.declaration, host.declaration, basePort.declaration, rate.declaration, speed.declaration,
        ] + FaultArguments.declarations + [patient.declaration, json.declaration],
        examples: [
            "daqctl replay run1.pcap --speed 0.5",
            "daqctl replay packets/ --rate 10 --drop 29513:7:100",
        ])

    let paths: [String]
    let host: String
    let basePort: Int?
    let rate: Double?
    let speed: Double?
    let faults: FaultArguments
    let patient: Bool
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        try arguments.exclusive(Self.rate, Self.speed)
        paths = try arguments(Self.paths)
        host = try arguments(Self.host)
        basePort = try arguments(Self.basePort)
        rate = try arguments(Self.rate)
        speed = try arguments(Self.speed)
        faults = try FaultArguments(arguments)
        patient = try arguments(Self.patient)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("replay", console: console, json: json)
        let replayer = try CaptureReplayer(paths: paths)
        var options = CaptureReplayer.Options()
        options.basePort = basePort
        options.rate = rate.map { .hertz($0) } ?? speed.map { .speed($0) } ?? .original
        // Bursts of segmented packets would overflow default socket buffers.
        options.segmentation = false
        options.waitsForReceivers = patient
        try Transmission(reporter: reporter, total: nil).run { stop, progress in
            try replayer.send(to: [Destination(host)], options: options, faults: faults.plan, stop: stop, progress: progress)
        }
    }
}
