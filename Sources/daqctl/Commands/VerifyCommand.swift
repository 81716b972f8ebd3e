import DAQWriter

/// `daqctl verify`: reads a whole file back.
struct VerifyCommand: Command {
    private static let file = Argument.positional("FILE.h5", .path, help: "The file to read.")
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "verify",
        summary: "read every image of a file back and say whether all is there",
        discussion: """
            Reads and decompresses every chunk, also in the files that a file shows, and looks for what the HDF5 \
            library passes over in silence: chunks that were never written, files that are not there, and parts that are \
            not complete. The checksum is the CRC-32 of all pixels, the same for a copy and for the same images in other files. \
            Exit code 1 when something is wrong.
            """,
        arguments: [file.declaration, json.declaration, quiet.declaration],
        examples: ["daqctl verify run1.h5"])

    let file: String
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        file = try arguments(Self.file)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("verify", console: console, json: json, quiet: quiet)
        CrashGuard.expectProgress()
        let images = try FileCompleteness.open(file)
        let clock = MonotonicClock()
        let (total, bytes) = (images.imageCount, images.bytesPerImage)
        let result = try images.verify { done in
            CrashGuard.expectProgress()
            reporter.progress(
                ProgressMeter.Sample(reading: done, of: total, bytesPerImage: bytes), at: clock.seconds)
        }
        let unfinished = UnfinishedPart.beside(file)
        reporter.result("summary", json(result, unfinished), text: text(result, unfinished))
        if !result.isGood {
            throw CommandFailure(reason: "\(Quantity.of(UInt64(result.problemCount), "problem")) in \(file)")
        }
        if !unfinished.isEmpty { throw CommandFailure(reason: "\(file) does not show the whole run") }
    }

    private func text(_ result: FileVerification, _ unfinished: [UnfinishedPart]) -> String {
        var text = "\(file): \(Quantity.images(UInt64(result.images))) read, checksum \(Quantity.checksum(result.checksum))\n"
        if !result.sources.isEmpty { text += "the pixels are in \(Quantity.of(UInt64(result.sources.count), "other file"))\n" }
        for problem in result.problems {
            text += problem.image.map { "image number \($0): \(problem.reason)\n" } ?? "\(problem.reason)\n"
        }
        if result.problemCount > result.problems.count {
            text += "and \(Quantity.of(UInt64(result.problemCount - result.problems.count), "more problem"))\n"
        }
        for part in unfinished { text += part.text(of: file) + "\n" }
        return text + (result.isGood && unfinished.isEmpty ? "everything is there\n" : "")
    }

    private func json(_ result: FileVerification, _ unfinished: [UnfinishedPart]) -> JSONValue {
        [
            "file": .string(file), "good": .flag(result.isGood && unfinished.isEmpty), "images": .integer(Int64(result.images)),
            "bytes": .integer(Int64(result.bytes)), "checksum": .string(Quantity.checksum(result.checksum)),
            "checksums": .array(result.checksums.map { .string(Quantity.checksum($0)) }),
            "sources": .array(result.sources.map { .string($0) }), "problem_count": .integer(Int64(result.problemCount)),
            "problems": .array(
                result.problems.map { problem in
                    ["image": problem.image.map { .integer(Int64($0)) } ?? .null, "reason": .string(problem.reason)]
                }),
            "unfinished_parts": FileCompleteness.json(unfinished),
        ]
    }
}
