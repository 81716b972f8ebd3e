import DAQCore
import DAQSimulator

/// `daqctl simulate`: sends the packets that a detector would send.
struct SimulateCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let set = CommonArguments.set
    private static let images = Argument<Int>.required("images", "N", .integer(1...), help: "Number of images to send.")
    private static let host = CommonArguments.host
    private static let rate = Argument<Double?>.option(
        "rate", "HZ", .positive,
        help:
            "Images a second, their packets spread over the time between them; without it as fast as small socket buffers allow.")
    private static let startFrame = Argument.option(
        "start-frame", "N", .unsigned, default: 1, help: "Frame number of the first image (1).")
    private static let restartAfter = Argument<Int?>.option(
        "restart-after", "N", .integer(1...), help: "Start the frame counter again after every N images.")
    private static let segmentation = Argument.flag(
        "segmentation",
        help: "Let the kernel cut packets out of large buffers: faster, but in bursts; without --rate at full speed.")
    static let patient = Argument.flag(
        "patient", help: "Wait while a receiver on this host is behind: its socket buffers never overflow.")
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "simulate",
        summary: "send the packets of a simulated detector",
        discussion: """
            The pixels follow from frame number, module and position alone, with gain stages where the detector has \
            them, so a receiver can be checked pixel by pixel. Faults can be put in on purpose.
            """,
        arguments: [
            configuration.declaration, images.declaration, host.declaration, rate.declaration,
        ] + FaultArguments.declarations + [
            startFrame.declaration, restartAfter.declaration, segmentation.declaration, patient.declaration,
            set.declaration, json.declaration,
        ],
        examples: [
            "daqctl simulate detector.json --images 1000 --rate 100",
            "daqctl simulate detector.json --images 50 --rate 10 --loss 0.001 --reorder 20 --seed 7",
        ])

    let configuration: String
    let settings: [Setting]
    let images: Int
    let host: String
    let rate: Double?
    let faults: FaultArguments
    let startFrame: UInt64
    let restartAfter: Int?
    let segmentation: Bool
    let patient: Bool
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        settings = try arguments(Self.set)
        images = try arguments(Self.images)
        host = try arguments(Self.host)
        rate = try arguments(Self.rate)
        faults = try FaultArguments(arguments)
        startFrame = try arguments(Self.startFrame)
        restartAfter = try arguments(Self.restartAfter)
        segmentation = try arguments(Self.segmentation)
        patient = try arguments(Self.patient)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("simulate", console: console, json: json)
        let detector = try reporter.packetConfiguration(configuration, settings: settings)
        if let wrong = faults.drops.first(where: { !detector.hasStream($0.port) }) {
            throw CommandFailure(
                reason: "--drop \(wrong): there is no stream \(wrong.port); \(detector.name) has the streams 0 to "
                    + "\(detector.streamCount - 1), UDP ports \(detector.startUDPPort) to "
                    + "\(detector.startUDPPort + detector.streamCount - 1)")
        }
        var options = SimulatorOptions()
        options.seed = UInt32(truncatingIfNeeded: faults.seed)
        options.firstFrame = startFrame
        if let rate { options.period = UInt64((1e9 / rate).rounded()) }
        var plan = faults.plan
        plan.restartAfter = restartAfter.map { UInt64($0) }
        let simulator = DetectorSimulator(detector, options: options)
        let pace = rate.map { Pace.hertz($0) } ?? (segmentation ? .fullSpeed : .gentle)
        try Transmission(reporter: reporter, total: images).run { stop, progress in
            try simulator.send(
                images: images, to: [Destination(host)], pace: pace, faults: plan, segmentation: segmentation,
                waitsForReceivers: patient, stop: stop, progress: progress)
        }
    }
}

extension DetectorConfiguration {
    /// Whether a number is that of a stream, or of its UDP port.
    fileprivate func hasStream(_ number: Int) -> Bool {
        number < streamCount || (startUDPPort..<startUDPPort + streamCount).contains(number)
    }
}
