import DAQBuffer
import DAQCore
import DAQWriter

/// `daqctl ring`: looks at the images in shared memory.
struct RingCommand: Command {
    /// What is done with a ring.
    enum Action: String, CaseIterable {
        case list, watch, show, remove
    }

    private static let action = Argument.positional("ACTION", .ringAction, help: "list, watch, show or remove.")
    private static let name = Argument<String?>.optionalPositional(
        "NAME", .text, help: "The ring: detector_name, or what ring.name says.")
    private static let png = Argument<String?>.option(
        "png", "FILE.png", .path(suffix: ".png"), help: "With show: draw the image into this file.")
    private static let image = Argument<UInt64?>.option(
        "image", "N", .unsigned, help: "With show: the image with this id; the newest one without it.")
    private static let duration = CommonArguments.duration
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "ring",
        summary: "look at the images in shared memory while a run goes on",
        discussion: """
            list shows the rings on this host, watch a line a second about one of them until Ctrl-C, show the newest image \
            as a picture in the terminal or as a PNG file. remove frees the memory of a run that was killed; the next run \
            of the same name would do so, too.

            Looking costs the run nothing.
            """,
        arguments: [
            action.declaration, name.declaration, png.declaration, image.declaration, duration.declaration, json.declaration,
        ],
        examples: ["daqctl ring list", "daqctl ring show jungfrau1m --png now.png", "daqctl ring watch jungfrau1m"])

    let action: Action
    let name: String?
    let png: String?
    let image: UInt64?
    let duration: Double?
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        action = try arguments(Self.action)
        name = try arguments(Self.name)
        png = try arguments(Self.png)
        image = try arguments(Self.image)
        duration = try arguments(Self.duration)
        json = try arguments(Self.json)
        if action != .list, name == nil { throw .missing(Self.name.declaration) }
    }

    func run(on console: Console) throws {
        let reporter = Reporter("ring", console: console, json: json)
        let name = name ?? ""
        switch action {
        case .list: RingReport.list(ImageRingReader.names, reporter)
        case .show: try show(ImageRingReader(attachingTo: name), reporter, console)
        case .watch: try RingWatch(name: name, reporter: reporter, duration: duration).run(StopRequest())
        case .remove:
            try ImageRingReader.removeStale(name)
            reporter.result("summary", ["removed": .string(name)], text: "removed \(name)\n")
        }
    }

    private func show(_ reader: ImageRingReader, _ reporter: Reporter, _ console: Console) throws {
        let terminal = TerminalSize.current
        // A picture takes longer than an image at full speed lives; the next one is as good.
        for _ in 0..<100 {
            guard let entry = image.map({ reader.entry(id: $0) }) ?? reader.newest else {
                throw NothingToShow(
                    reason: image.map { "image \($0) is not in the ring (any more)" } ?? "there is no image in the ring yet")
            }
            // A copy is quickly made, and it is whole.
            guard let values = reader.read(entry, { RingPicture.values($0, of: reader.format) }) else { continue }
            let format = reader.format
            if let png {
                try RingPicture.picture(values, of: format).write(to: png)
                reporter.result(
                    "summary", RingReport.json(entry, picture: png), text: RingReport.text(entry) + "picture: \(png)\n")
            } else {
                let picture = RingPicture.picture(values, of: format, fitting: (terminal.columns, (terminal.rows - 3) * 2))
                let drawn = TerminalPicture.text(picture, isColored: console.output.isTerminal)
                reporter.result("summary", RingReport.json(entry), text: drawn + RingReport.text(entry))
            }
            return
        }
        throw NothingToShow(
            reason: "images are overwritten faster than they can be copied; give the ring more memory (ring.bytes)")
    }
}

/// Why there is no picture.
private struct NothingToShow: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
