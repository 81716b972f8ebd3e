import DAQBuffer
import DAQCore
import DAQWriter
import Glibc

/// `daqctl write`: images of a ring that another process fills, into files.
struct WriteCommand: Command {
    private static let ring = Argument.positional("RING", .text, help: "Name of the ring, as daqctl run tells it.")
    private static let output = Argument.required(
        "output", "NAME", .text,
        help: """
            The file, with places for what is not known yet: {detector}, {run}, {date}, {time}. An existing file is \
            never replaced.
            """)
    private static let images = Argument<Int?>.option("images", "N", .integer(1...), help: "Write N images.")
    private static let ids = Argument<ClosedRange<Int>?>.option(
        "ids", "A..B", .range, help: "Write the images with the ids A to B; those that never come are counted.")
    private static let seconds = Argument<Double?>.option(
        "seconds", "S", .positive, help: "Write the images of S seconds, from the first one on.")
    private static let from = Argument<UInt64?>.option(
        "from", "ID", .unsigned, help: "Begin with exactly this image, also if it has come already and is still in the ring.")
    private static let back = Argument<Int?>.option(
        "back", "N", .integer(0...), help: "Begin N images before the next one; the ring must still hold them.")
    private static let patience = Argument<Double?>.option(
        "patience", "S", .positive,
        help: "End when S seconds have passed without an image, counted from the start until the first one has come.")
    private static let share = Argument<WriteShare?>.option(
        "share", "K/N", .share,
        help: """
            Store only the images of writer K of N, which all are given the same request; the last one to end creates \
            NAME, which shows the images of all.
            """)
    private static let configuration = Argument<String?>.option(
        "config", "CONFIG", .path,
        help: """
            The detector's configuration, to be stored in the file, and how files are written (its key writer); without it \
            the file tells only the ring's name.
            """)
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "write",
        summary: "write images of a running daqctl run, or of any ring, into files",
        discussion: """
            Attaches to the ring of another process and holds every image until it is stored: nothing is lost unless \
            the disk is too slow for longer than the ring can bridge, and then it is counted. Several may write from \
            one ring at the same time.

            Without --images, --ids or --seconds it writes until Ctrl-C, which is how such a session finishes. \
            SIGTERM interrupts any session; the file is complete up to there. Progress counts images that are on the \
            disk and can be read there. Exit code 0 means that everything that was asked for and came is there.
            """,
        arguments: [
            ring.declaration, output.declaration, images.declaration, ids.declaration, seconds.declaration, from.declaration,
            back.declaration, patience.declaration, share.declaration, configuration.declaration,
        ] + FileArguments.declarations + [json.declaration, quiet.declaration],
        examples: [
            "daqctl write jungfrau4m --output run7.h5 --images 1000",
            "daqctl write jungfrau4m --output {detector}_{run}.h5 --run 7 --ids 5000..5999 --root /data",
            "daqctl write jungfrau4m --output /data/now.h5 --back 100 --compression bslz4",
            "daqctl write jungfrau4m --output /data/run8.h5 --images 100000 --share 1/3",
        ])

    let ring: String
    let output: FileNameTemplate
    let extent: WriteSession.Extent
    let start: WriteRequest.Start
    let patience: Double?
    let share: WriteShare?
    let file: FileArguments
    let configuration: String?
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        ring = try arguments(Self.ring)
        configuration = try arguments(Self.configuration)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
        output = try FileArguments.template(try arguments(Self.output), of: Self.output.declaration)
        (extent, start) = try Self.extent(arguments)
        patience = try arguments(Self.patience)
        share = try arguments(Self.share)
        file = try FileArguments(arguments)
    }

    /// Which images: at most one way to say how many, and one to say where they begin.
    private static func extent(
        _ arguments: ParsedArguments
    ) throws(UsageProblem) -> (WriteSession.Extent, WriteRequest.Start) {
        let count = try arguments(images)
        let range = try arguments(ids)
        let time = try arguments(seconds)
        let first = try arguments(from)
        let before = try arguments(back)
        let extents = [(images.declaration, count != nil), (ids.declaration, range != nil), (seconds.declaration, time != nil)]
        let starts = [(ids.declaration, range != nil), (from.declaration, first != nil), (back.declaration, before != nil)]
        for given in [extents, starts].map({ $0.filter(\.1).map(\.0) }) where given.count > 1 {
            throw .exclusive(given[0], given[1])
        }
        let extent: WriteSession.Extent =
            if let count {
                .images(UInt64(count))
            } else if let range {
                .ids(UInt64(range.lowerBound)...UInt64(range.upperBound))
            } else if let time {
                .seconds(time)
            } else {
                .untilStopped
            }
        return (extent, first.map { .id($0) } ?? before.map { .back($0) } ?? .next)
    }

    func run(on console: Console) throws {
        // Before the first thread, so that every thread leaves the signals to this one.
        let stop = try StopRequest()
        let reporter = Reporter("write", console: console, json: json, quiet: quiet)
        let reader = try ImageRingReader(attachingTo: ring, as: .lossless)
        let document = try configuration.map { try reporter.document($0, settings: [], strict: false) }
        let run = RunDescription(
            configuration: document?.configuration ?? RingDetector.configuration(of: reader), format: reader.format)
        let (request, roots) = try request(as: document?.configuration.writer ?? WriterConfiguration())
        try check(request, document?.configuration, reader)
        let calibration =
            try request.options.format == .nxmx ? document.map { try reporter.calibration(of: $0.configuration) } : nil
        // Whatever is published from here on comes through the source; what lies before is history.
        let newest = reader.newest
        let writer = SessionWriter(
            for: run, roots: roots, history: reader, after: newest?.metadata.key, limit: max(1, reader.slotCount / 2),
            configurationText: document?.text
        ) { [isKnown = document != nil, isNXmx = request.options.format == .nxmx] contents in
            contents.isConfigurationKnown = isKnown
            if isNXmx { contents.pixelMask = try FileContents.pixelMask(of: run, calibration: calibration ?? nil) }
        }
        let session = WriteRun(
            writer: writer, id: try writer.start(request), source: RingSource(reader, after: newest?.publication ?? 0),
            description: run, reader: reader, newest: newest?.metadata.key, reporter: reporter, stop: stop)
        let status = try session.run()
        var summary = SessionSummary(status)
        if let share {
            // The files of a writer that was killed may be damaged, and the library crashes on some of those.
            CrashGuard.install(command: "write")
            summary.gathering = ShareGathering(share.whole(of: status.path))
        }
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = summary.failure { throw WriteFailure(reason: failure) }
    }

    /// What is asked for, written as a configuration says unless the command line does.
    func request(as writer: WriterConfiguration) throws -> (WriteRequest, WriteRoots) {
        var (request, roots) = try file.request(output: output, writer)
        request.extent = extent
        request.start = start
        request.patience = patience
        request.share = share
        return (request, roots)
    }

    private func check(_ request: WriteRequest, _ detector: DetectorConfiguration?, _ reader: ImageRingReader) throws {
        if let detector, detector.imageFormat != reader.format {
            throw WriteFailure(reason: RingDetector.difference(configuration ?? "", detector, reader))
        }
        if detector == nil, request.options.format == .nxmx {
            throw WriteFailure(reason: "an NXmx file describes the detector; name its configuration with --config")
        }
    }
}

/// A session that did not do all it was asked for; the summary has been shown.
struct WriteFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
