import DAQCore
import DAQWriter

/// `daqctl run`: the whole way from packets to files in one process.
struct RunCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let write = Argument<String?>.option(
        "write", "PATH", .path,
        help: "Write the images to this HDF5 file; a folder gets a file named after the detector and the time.")
    private static let from = Argument<String?>.option(
        "from", "ADDRESS", .text,
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
            configuration says so, and writes the images. "Ready" is shown once every port is open; start the \
            detector then.

            Ends after N images, after a time, or on Ctrl-C, which finishes the file properly; a second Ctrl-C ends \
            at once. The summary says what happened to every packet and every image.
            """,
        arguments: [
            configuration.declaration, write.declaration, from.declaration, keys.declaration, once.declaration,
            images.declaration, duration.declaration, overwrite.declaration, strict.declaration, set.declaration,
            json.declaration, quiet.declaration,
        ],
        examples: [
            "daqctl run detector.json --write run1.h5 --images 1000",
            "daqctl run detector.json --write /data --duration 60 --set receive.threads=2",
            "daqctl run detector.json --from tcp://*:9100 --write /data",
        ])

    let configuration: String
    let write: String?
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
        write = try arguments(Self.write)
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
        if let keys { detector.forwardSource?.keys = keys }
        let writer = write.map {
            HDF5Writer(path: Self.file($0, for: detector), overwrite: overwrite, configurationText: document.text)
        }
        var run = DetectorRun(detector: detector, reporter: reporter, stop: stop, images: images, duration: duration)
        run.endsWithSender = once
        try run.run(writer: writer)
    }

    /// The file to write: a folder gets one named after the detector and the time.
    private static func file(_ path: String, for detector: DetectorConfiguration) -> String {
        FilePath.isFolder(path) ? "\(path)/\(detector.name)-\(FilePath.timeStamp()).h5" : path
    }
}
