import DAQWriter

/// `daqctl gather`: one file that shows the images of several.
struct GatherCommand: Command {
    private static let output = Argument.positional("OUTPUT.h5", .path, help: "The file to create.")
    private static let files = Argument.positionals(
        "FILE.h5", .path, isRequired: false,
        help: "The files whose images it shows; without any, the shares that daqctl write --share has written of OUTPUT.h5.")
    private static let overwrite = CommonArguments.overwrite
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "gather",
        summary: "create a file that shows the images of several files as one",
        discussion: """
            For runs that several writers have shared, of this program or of std-daq. Images stand in the order of their \
            ids; files without ids stand one after another, in the order of the numbers in their names. No pixels are \
            copied, so all files have to be kept, and moved together.

            Without files it gathers the shares of OUTPUT.h5, which the last of their writers does by itself; what a \
            writer has left that was killed is recovered first.
            """,
        arguments: [output.declaration, files.declaration, overwrite.declaration, json.declaration],
        examples: ["daqctl gather run1.h5", "daqctl gather run1.h5 run1_a.h5 run1_b.h5"])

    let output: String
    let files: [String]
    let overwrite: Bool
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        output = try arguments(Self.output)
        files = try arguments(Self.files)
        overwrite = try arguments(Self.overwrite)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("gather", console: console, json: json)
        guard !files.isEmpty else { return try gatherShares(reporter) }
        let result = try GatheredFile(
            creating: output, from: files, overwrite: overwrite, progress: CrashGuard.expectProgress)
        reporter.result(
            "summary",
            [
                "file": .string(result.path), "images": .integer(Int64(result.images)), "sorted": .flag(result.isSorted),
                "missing": .unsigned(result.missingImages), "sources": .array(files.map { .string($0) }),
            ],
            text: """
                \(result.path): \(Quantity.images(UInt64(result.images))) of \(Quantity.of(UInt64(files.count), "file")), \
                \(result.isSorted ? "in the order of their ids" : "one file after another, as they have no ids")

                """)
    }

    private func gatherShares(_ reporter: Reporter) throws {
        do {
            let shares = try GatheredShares(path: output, overwrite: overwrite, progress: CrashGuard.expectProgress)
            reporter.result("summary", .object(shares.members), text: shares.text)
        } catch let obstacle as GatheredShares.Obstacle {
            throw GatherFailure(reason: obstacle == .done ? "\(output) exists already" : obstacle.text(output))
        }
    }
}

/// Shares that cannot be gathered now.
struct GatherFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
