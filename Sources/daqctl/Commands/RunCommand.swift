import DAQCore
import DAQWriter

/// `daqctl run`: the whole way from packets to files in one process.
struct RunCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let write = Argument<String?>.option(
        "write", "PATH", .path,
        help: """
            Write the images to this HDF5 file, with places for what is not known yet: {detector}, {run}, {date}, {time}. \
            A folder gets a file named after the detector and the time.
            """)
    private static let from = Argument<String?>.option(
        "from", "ADDRESS", .address,
        help: "Take the images of another host (daqctl forward), listening here, such as at tcp://*:9100.")
    private static let keys = Argument<String?>.option(
        "keys", "FILE", .path, help: "With --from: let in only who has a key that this file names (daqctl keys).")
    private static let once = Argument.flag("once", help: "With --from: end when the other host has sent everything.")
    private static let images = CommonArguments.images
    private static let duration = CommonArguments.duration
    private static let overwrite = CommonArguments.overwrite
    private static let strict = CommonArguments.strict
    private static let set = CommonArguments.set
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "run",
        summary: "receive packets, make images and write them, all in one process",
        discussion: """
            Opens the detector's UDP ports, puts the packets of each image together, corrects the pixels if the \
            configuration says so, writes the images, and shows them in the live streams of the configuration. "Ready" is shown once every port is open; start the \
            detector then.

            How files are written is said by the key writer of the configuration, unless options say it. A file that \
            fails, as on a full disk, does not end the run: others still get the images, and the exit code is 1.

            Ends after N images, after a time, or on Ctrl-C, which finishes the file properly; a second Ctrl-C ends \
            at once. The summary says what happened to every packet and every image.
            """,
        arguments: [
            configuration.declaration, write.declaration, from.declaration, keys.declaration, once.declaration,
            images.declaration, duration.declaration, overwrite.declaration,
        ] + FileArguments.declarations + [strict.declaration, set.declaration, json.declaration, quiet.declaration],
        examples: [
            "daqctl run detector.json --write run1.h5 --images 1000",
            "daqctl run detector.json --write /data --duration 60 --set receive.threads=2",
            "daqctl run detector.json --write {detector}_{run}.h5 --run 7 --root /data --images-per-file 1000",
            "daqctl run detector.json --from tcp://*:9100 --write /data",
        ])

    let configuration: String
    let write: FileNameTemplate?
    let file: FileArguments
    let from: String?
    let keys: String?
    let once: Bool
    let images: Int?
    let duration: Double?
    let overwrite: Bool
    let strict: Bool
    let settings: [Setting]
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        write = try arguments(Self.write).map { path throws(UsageProblem) in
            try FileArguments.template(path, of: Self.write.declaration, orFolder: true)
        }
        file = try FileArguments(arguments)
        from = try arguments(Self.from)
        keys = try arguments(Self.keys)
        once = try arguments(Self.once)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
        overwrite = try arguments(Self.overwrite)
        strict = try arguments(Self.strict)
        settings = try arguments(Self.set)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
    }

    func run(on console: Console) throws {
        // Before the first thread, so that every thread leaves the signals to this one.
        let stop = try StopRequest()
        let reporter = Reporter("run", console: console, json: json, quiet: quiet)
        let document = try reporter.document(configuration, settings: settings, strict: strict)
        var detector = document.configuration
        if let from { detector.forwardSource = ForwardConfiguration(address: from, isListening: true) }
        if detector.forwardSource == nil {
            let given = [(Self.keys.declaration, keys != nil), (Self.once.declaration, once)].first { $0.1 }?.0
            if let given { throw UsageProblem.needs(given, "--from ADDRESS (or source.forward in the configuration)") }
        }
        if let keys { detector.forwardSource?.keys = keys }
        let calibration = try reporter.calibration(of: detector)
        let writing = try write.map { output in
            try FileWriting(output, file, detector.writer, overwrites: overwrite, configurationText: document.text)
        }
        var run = DetectorRun(detector: detector, calibration: calibration, reporter: reporter, stop: stop)
        run.images = images
        run.duration = duration
        run.endsWithSender = once
        try run.run(writing: writing)
    }
}
