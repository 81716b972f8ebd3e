import DAQBuffer
import DAQCore
import DAQWriter

/// `daqctl receive-stream`: takes the images of a stream without any configuration.
struct ReceiveStreamCommand: Command {
    private static let address = Argument.positional(
        "ADDRESS", .text,
        help: "Where the sender listens, such as tcp://camera:9999; with std-daq the detector's name, or ipc:///tmp/NAME-image.")
    private static let format = Argument<SourceConfiguration.Format>.required(
        "format", "FORMAT", .choice, help: "Format of the messages: array-1.0, bsread, or std-daq.")
    private static let pattern = Argument<SourceConfiguration.Pattern?>.option(
        "pattern", "PATTERN", .choice,
        help: "sub: every client gets every message. pull: clients share them. Without it sub for array-1.0, pull for bsread.")
    private static let channel = Argument<String?>.option(
        "channel", "NAME", .text, help: "The bsread channel that holds the image (the first image).")
    private static let connections = Argument.option(
        "connections", "N", .integer(1...SourceConfiguration.maximumConnections), default: 1,
        help: "Connections to the sender, which serves them in turn; only to pull (1).")
    private static let slots = Argument<Int?>.option(
        "slots", "N", .integer(1...SourceConfiguration.maximumSlots),
        help: "With std-daq: how many images its memory holds, where the size of the memory does not tell.")
    private static let name = Argument<String?>.option(
        "name", "NAME", .text,
        help: "Name of the detector in files and messages (stream; with std-daq that of its detector).")
    private static let write = Argument<String?>.option(
        "write", "PATH", .path,
        help: """
            Write the images to this HDF5 file, with places for what is not known yet: {detector}, {run}, {date}, {time}. \
            A folder gets a file named after NAME and the time.
            """)
    private static let images = CommonArguments.images
    private static let duration = CommonArguments.duration
    private static let overwrite = CommonArguments.overwrite
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "receive-stream",
        summary: "receive images that another program streams, and write them",
        discussion: """
            Needs no configuration: the first image says which shape and pixel type all images have, and messages with \
            other images are refused and counted. "Ready" is shown once that image is there.

            With std-daq it attaches to an installation on this host: the services' messages tell which images are \
            complete, and the pixels are copied from their memory, NAME-image in /dev/shm. The services notice nothing. \
            Images that were overwritten meanwhile are counted and never stored.

            Ends after N images, after a time, or on Ctrl-C. The summary says what happened to every message and every \
            image. A camera that is always there is better described in a configuration, for daqctl run.
            """,
        arguments: [
            address.declaration, format.declaration, pattern.declaration, channel.declaration, connections.declaration,
            slots.declaration, name.declaration, write.declaration, images.declaration, duration.declaration,
            overwrite.declaration,
        ] + FileArguments.declarationsBesideFormat + [json.declaration, quiet.declaration],
        examples: [
            "daqctl receive-stream tcp://camera:9999 --format bsread --images 100 --write camera.h5",
            "daqctl receive-stream tcp://daq:9001 --format array-1.0 --duration 10",
            "daqctl receive-stream EG9M --format std-daq --images 1000 --write eiger.h5",
        ])

    let source: SourceConfiguration
    let name: String
    let write: FileNameTemplate?
    let file: FileArguments
    let images: Int?
    let duration: Double?
    let overwrite: Bool
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        var source = SourceConfiguration(
            address: try arguments(Self.address), format: try arguments(Self.format), pattern: try arguments(Self.pattern))
        source.channel = try arguments(Self.channel)
        source.connections = try arguments(Self.connections)
        source.slots = try arguments(Self.slots)
        self.source = source
        name = try arguments(Self.name) ?? (source.format == .stdDAQ ? source.stdDAQDetector : nil) ?? "stream"
        write = try arguments(Self.write).map { path throws(UsageProblem) in
            try FileArguments.template(path, of: Self.write.declaration, orFolder: true)
        }
        file = try FileArguments(arguments, hasFormat: false)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
        overwrite = try arguments(Self.overwrite)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("receive-stream", console: console, json: json, quiet: quiet)
        // Any format will do to see whether the other settings fit together.
        try check(DetectorConfiguration(name: name, receiving: ImageFormat(width: 1, height: 1, pixelType: .uint8), from: source))
        let clock = MonotonicClock()
        var receiver = try StreamReceiver(source)
        reporter.note("waiting for the first image from \(source.words)")
        guard let format = try firstFormat(from: &receiver, stop, clock, reporter) else {
            var summary = RunSummary(ledger: ReceiveLedger(), seconds: 0, imageBytes: 0)
            summary.unit = .message
            summary.ledger.packets = receiver.packets
            return reporter.result("summary", summary.json, text: summary.text)
        }
        let detector = DetectorConfiguration(name: name, receiving: format, from: source)
        try check(detector)
        let ring = try ImageRing(for: detector)
        let stream = try StreamSource(detector, into: ring, continuing: receiver)
        let run = RunDescription(configuration: detector, format: format)
        let sink = try write.map { output in
            try FileWriting(output, file, detector.writer, overwrites: overwrite).sink(for: run, from: ring)
        }
        let incomplete = IncompleteImages(of: detector)
        let pipeline = Pipeline(from: stream, describing: run, queueLimit: ring.slotCount) {
            incomplete
        } sinks: {
            if let sink { sink }
        }
        let acquisition = Acquisition(
            pipeline: pipeline, configuration: detector, reporter: reporter, stop: stop, images: images,
            duration: duration.map { max(0, $0 - clock.seconds) }, file: sink, stream: stream)
        let ledger = try acquisition.run()
        var summary = RunSummary(ledger, of: detector, session: sink?.status)
        summary.incomplete = incomplete
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = summary.failure { throw RunFailure(reason: failure) }
    }

    private func check(_ detector: DetectorConfiguration) throws(ConfigurationError) {
        let problems = detector.validate()
        guard problems.isEmpty else { throw ConfigurationError(source: source.address, problems: problems) }
    }

    /// Waits for the first image.
    ///
    /// - Returns: `nil` when the user wants no more before it has come.
    private func firstFormat(
        from receiver: inout StreamReceiver, _ stop: StopRequest, _ clock: MonotonicClock, _ reporter: Reporter
    ) throws -> ImageFormat? {
        var shown: StreamRefusal?
        while !stop.isAsked, duration.map({ clock.seconds < $0 }) ?? true {
            if let format = try receiver.learnFormat(milliseconds: 100) { return format }
            if shown == nil, let refusal = receiver.lastRefusal {
                shown = refusal
                reporter.warning(refusal)
            }
        }
        if stop.isAsked { return nil }
        if let refusal = receiver.lastRefusal {
            throw RunFailure(reason: "no message from \(source.endpoint) had a usable image; the last one: \(refusal)")
        }
        throw RunFailure(reason: "no message has come from \(source.endpoint): is the sender running, and the address right?")
    }
}
