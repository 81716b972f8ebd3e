import DAQWriter

/// `daqctl recover`: completes the files of a run whose writer was killed.
struct RecoverCommand: Command {
    private static let file = Argument.positional(
        "FILE.h5", .path, help: "The file that was to be written, without the number of a part.")
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "recover",
        summary: "complete the files of a run whose writer was killed",
        discussion: """
            Files written in the safe mode can be read without this: it adds the images of the last part, which was \
            not complete yet. Files written in the swmr mode do not open after their writer was killed until this \
            has cleared them. Refused while somebody is writing; doing it twice does no harm.
            """,
        arguments: [file.declaration, json.declaration],
        examples: ["daqctl recover run1.h5"])

    let file: String
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        file = try arguments(Self.file)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("recover", console: console, json: json)
        let result = try FileRecovery(path: file, progress: CrashGuard.expectProgress)
        let members: JSONValue = [
            "file": .string(result.path), "images": .integer(Int64(result.images)),
            "parts": .array(
                result.parts.map { part in
                    [
                        "file": .string(part.path), "images": .integer(Int64(part.images)),
                        "problem": part.problem.map { .string($0) } ?? .null,
                    ]
                }),
        ]
        reporter.result("summary", members, text: text(result))
        if let problem = result.parts.lazy.compactMap(\.problem).first { throw CommandFailure(reason: problem) }
    }

    private func text(_ result: FileRecovery) -> String {
        var text = ""
        for part in result.parts {
            text += "\(part.path): "
            text += part.problem ?? (part.images == 0 ? "no images, removed" : "\(Quantity.images(UInt64(part.images))) saved")
            text += "\n"
        }
        if result.parts.isEmpty { text += "nothing was incomplete\n" }
        return text + "\(result.path): \(Quantity.images(UInt64(result.images)))\n"
    }
}
