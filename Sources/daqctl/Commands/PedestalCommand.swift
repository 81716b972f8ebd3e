import DAQBuffer
import DAQCore
import DAQWriter

/// `daqctl pedestal`: takes a pedestal from a dark run.
struct PedestalCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let set = CommonArguments.set
    private static let images = Argument<Int>.required(
        "images", "N", .integer(1...), help: "Number of dark images to take, over all gain stages.")
    private static let output = Argument.required(
        "output", "FILE.h5", .path(suffix: ".h5"), help: "The pedestal file.")
    private static let window = Argument.option(
        "window", "N", .integer(1...1_000_000), default: 1000, help: "Average over the last N images of a gain stage (1000).")
    private static let overwrite = CommonArguments.overwrite
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "pedestal",
        summary: "take a pedestal from a dark run and store it for the correction",
        discussion: """
            Receives N images without beam and averages each pixel in each gain stage that occurs. Name the file in \
            the configuration as calibration.pedestal afterwards.
            """,
        arguments: [
            configuration.declaration, images.declaration, output.declaration, window.declaration, overwrite.declaration,
            set.declaration, json.declaration,
        ],
        examples: ["daqctl pedestal jungfrau.json --images 3000 --output pedestal.h5"])

    let configuration: String
    let settings: [Setting]
    let images: Int
    let output: String
    let window: Int
    let overwrite: Bool
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        settings = try arguments(Self.set)
        images = try arguments(Self.images)
        output = try arguments(Self.output)
        window = try arguments(Self.window)
        overwrite = try arguments(Self.overwrite)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("pedestal", console: console, json: json)
        let detector = try reporter.packetConfiguration(configuration, settings: settings).stackedRaw()
        let writer = PedestalWriter(path: output, window: window, overwrite: overwrite)
        let pipeline = try Pipeline(detector, into: ImageRing(for: detector)) {
            writer
        }
        let acquisition = Acquisition(
            pipeline: pipeline, configuration: detector, reporter: reporter, stop: stop, images: images)
        let ledger = try acquisition.run()
        let failure = ledger.sinks.lazy.compactMap(\.failure).first
        let summary = RunSummary(ledger, of: detector, files: failure == nil ? [output] : [])
        let counts = writer.counts
        reporter.result("summary", json(summary, counts), text: summary.text + text(counts))
        if let failure { throw RunFailure(reason: failure) }
    }

    private func text(_ counts: DarkFrameCounts) -> String {
        var text = "dark images used: \(counts.used[0]) in gain stage 0, \(counts.used[1]) in 1, \(counts.used[2]) in 2\n"
        for reason in DarkFrameCounts.Reason.allCases {
            if let count = counts.skipped[reason] { text += "  skipped: \(count) (\(reason.rawValue))\n" }
        }
        return text
    }

    private func json(_ summary: RunSummary, _ counts: DarkFrameCounts) -> JSONValue {
        guard case .object(let members) = summary.json else { return summary.json }
        let skipped = DarkFrameCounts.Reason.allCases.map {
            JSONValue.Member(key: $0.rawValue, value: .integer(Int64(counts.skipped[$0] ?? 0)))
        }
        return .object(
            members + [
                .init(key: "used", value: .array(counts.used.map { .integer(Int64($0)) })),
                .init(key: "skipped", value: .object(skipped)),
            ])
    }
}
