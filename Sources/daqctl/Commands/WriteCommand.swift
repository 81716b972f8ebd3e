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
    private static let run = Argument<String?>.option("run", "NAME", .text, help: "What {run} in the file name becomes.")
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
        "patience", "S", .positive, help: "End when no image has come for S seconds.")
    private static let format = Argument<FileFormat>.option(
        "format", "FORMAT", .choice, default: .stack,
        help: "Layout of the file: stack, nxmx or std-daq (stack); docs/file-format.md describes them.")
    private static let mode = Argument<FileMode>.option(
        "file-mode", "MODE", .choice, default: .safe,
        help: """
            safe: the file opens at any time, also after a kill, and shows what is complete. swmr: readers follow \
            the growing file; after a kill it needs daqctl recover. (safe)
            """)
    private static let compression = Argument<WriteRequest.Compression>.option(
        "compression", "HOW", .choice, default: .none,
        help: "Pack the pixels: bslz4 (bitshuffle and LZ4), bszstd, or none (none).")
    private static let imagesPerFile = Argument<Int?>.option(
        "images-per-file", "N", .integer(1...), help: "Split the session into files of N images, which NAME shows as one.")
    private static let root = Argument<[String]>.repeated(
        "root", "DIR", .path,
        help: """
            Write only under this directory, whatever NAME says; directories that are missing in it are created. May \
            be repeated.
            """)
    private static let owner = Argument<String?>.option("owner", "USER", .text, help: "Give the files to this user (root only).")
    private static let group = Argument<String?>.option("group", "GROUP", .text, help: "Give the files to this group.")
    private static let permissions = Argument<String?>.option(
        "permissions", "MODE", .text, help: "Permissions of the files in octal digits, such as 640.")
    private static let configuration = Argument<String?>.option(
        "config", "CONFIG", .path,
        help: "The detector's configuration, to be stored in the file; without it the file tells only the ring's name.")
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
            ring.declaration, output.declaration, run.declaration, images.declaration, ids.declaration, seconds.declaration,
            from.declaration, back.declaration, patience.declaration, format.declaration, mode.declaration,
            compression.declaration, imagesPerFile.declaration, root.declaration, owner.declaration, group.declaration,
            permissions.declaration, configuration.declaration, json.declaration, quiet.declaration,
        ],
        examples: [
            "daqctl write jungfrau4m --output run7.h5 --images 1000",
            "daqctl write jungfrau4m --output {detector}_{run}.h5 --run 7 --ids 5000..5999 --root /data",
            "daqctl write jungfrau4m --output /data/now.h5 --back 100 --compression bslz4",
        ])

    let ring: String
    let request: WriteRequest
    let roots: [String]
    let configuration: String?
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        ring = try arguments(Self.ring)
        roots = try arguments(Self.root)
        configuration = try arguments(Self.configuration)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
        let output = try arguments(Self.output)
        var request: WriteRequest
        do throws(WriteRefusal) {
            request = WriteRequest(output: try FileNameTemplate(output))
        } catch {
            throw .badValue(Self.output.declaration, found: output, expected: error.expected)
        }
        request.run = try arguments(Self.run)
        try Self.readExtent(arguments, into: &request)
        request.patience = try arguments(Self.patience)
        request.options.format = try arguments(Self.format)
        request.options.mode = try arguments(Self.mode)
        request.options.imagesPerPart = try arguments(Self.imagesPerFile)
        request.compression = try arguments(Self.compression)
        request.ownership.owner = try arguments(Self.owner)
        request.ownership.group = try arguments(Self.group)
        if let digits = try arguments(Self.permissions) {
            guard let permissions = FileOwnership.permissions(digits) else {
                throw .badValue(Self.permissions.declaration, found: digits, expected: FileOwnership.permissionsExpected)
            }
            request.ownership.permissions = permissions
        }
        self.request = request
    }

    /// Which images: at most one way to say how many, and one to say where they begin.
    private static func readExtent(_ arguments: ParsedArguments, into request: inout WriteRequest) throws(UsageProblem) {
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
        if let count { request.extent = .images(UInt64(count)) }
        if let range { request.extent = .ids(UInt64(range.lowerBound)...UInt64(range.upperBound)) }
        if let time { request.extent = .seconds(time) }
        if let first { request.start = .id(first) }
        if let before { request.start = .back(before) }
    }

    func run(on console: Console) throws {
        // Before the first thread, so that every thread leaves the signals to this one.
        let stop = try StopRequest()
        let reporter = Reporter("write", console: console, json: json, quiet: quiet)
        let reader = try ImageRingReader(attachingTo: ring, as: .lossless)
        let document = try configuration.map { try reporter.document($0, settings: [], strict: false) }
        let run = RunDescription(
            configuration: document?.configuration ?? RingDetector.configuration(of: reader), format: reader.format)
        try check(document?.configuration, reader)
        let calibration =
            try request.options.format == .nxmx ? document.map { try reporter.calibration(of: $0.configuration) } : nil
        // Whatever is published from here on comes through the source; what lies before is history.
        let newest = reader.newest
        let writer = SessionWriter(
            for: run, roots: roots.isEmpty ? .anywhere : try WriteRoots(roots.map { FilePath.absolute($0) }),
            history: reader, after: newest?.metadata.key, limit: max(1, reader.slotCount / 2),
            configurationText: document?.text
        ) { [isKnown = document != nil, isNXmx = request.options.format == .nxmx] contents in
            contents.isConfigurationKnown = isKnown
            if isNXmx { contents.pixelMask = try FileContents.pixelMask(of: run, calibration: calibration ?? nil) }
        }
        let session = WriteRun(
            writer: writer, id: try writer.start(request), source: RingSource(reader, after: newest?.publication ?? 0),
            description: run, reader: reader, newest: newest?.metadata.key, reporter: reporter, stop: stop)
        let status = try session.run()
        let summary = SessionSummary(status)
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = summary.failure { throw WriteFailure(reason: failure) }
    }

    private func check(_ detector: DetectorConfiguration?, _ reader: ImageRingReader) throws {
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
