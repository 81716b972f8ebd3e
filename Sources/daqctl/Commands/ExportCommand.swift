import DAQWriter

/// `daqctl export`: images as picture files.
struct ExportCommand: Command {
    private static let file = Argument.positional("FILE.h5", .path, help: "The file with the images.")
    private static let images = Argument<ClosedRange<Int>?>.option(
        "images", "A..B", .range, help: "Positions in the file, from 0, both included; all without it.")
    private static let png = Argument<String?>.option(
        "png", "FOLDER", .path, help: "Write PNG files of 16 bits: rounded, cut at 0 and 65535.")
    private static let tiff = Argument<String?>.option(
        "tiff", "FOLDER", .path, help: "Write TIFF files of 32-bit floating-point numbers.")
    private static let json = CommonArguments.json
    private static let quiet = CommonArguments.quiet

    static let declaration = CommandDeclaration(
        name: "export",
        summary: "write images of a file as PNG or TIFF files",
        discussion: """
            The files are named after the image's id, with its segment before it where the file has several, or after its \
            position in a file without ids; they are replaced. Nothing is written when images are in files that are missing.
            """,
        arguments: [
            file.declaration, images.declaration, png.declaration, tiff.declaration, json.declaration, quiet.declaration,
        ],
        examples: ["daqctl export run1.h5 --images 0..9 --tiff pictures"])

    let file: String
    let images: ClosedRange<Int>?
    let png: String?
    let tiff: String?
    let json: Bool
    let quiet: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        file = try arguments(Self.file)
        images = try arguments(Self.images)
        png = try arguments(Self.png)
        tiff = try arguments(Self.tiff)
        json = try arguments(Self.json)
        quiet = try arguments(Self.quiet)
        if png == nil, tiff == nil { throw .oneOf([Self.png.declaration, Self.tiff.declaration]) }
    }

    func run(on console: Console) throws {
        let reporter = Reporter("export", console: console, json: json, quiet: quiet)
        let source = try FileCompleteness.open(file)
        guard source.imageCount > 0 else { throw CommandFailure(reason: "there is no image in \(file)") }
        let range = images ?? 0...source.imageCount - 1
        guard range.upperBound < source.imageCount else {
            throw CommandFailure(
                reason: "\(file) has \(Quantity.images(UInt64(source.imageCount))), the first is number 0; asked for number "
                    + (range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"))
        }
        let completeness = try FileCompleteness(source)
        for part in completeness.unfinished { reporter.warning(part.text(of: file)) }
        // What is missing would be exported as if it had been measured.
        if let complaint = completeness.unreadable.lazy.compactMap(\.complaint).first {
            throw CommandFailure(reason: "nothing was written: \(complaint)")
        }
        let names = ImageNames(try source.index())
        let clock = MonotonicClock()
        var files: [String] = []
        for image in range {
            CrashGuard.expectProgress()
            for (folder, format) in [(png, ExportFormat.png), (tiff, .tiff)] {
                guard let folder else { continue }
                let path = "\(folder)/image-\(names[image]).\(format.rawValue)"
                try source.export(image: image, as: format, to: path)
                files.append(path)
            }
            reporter.progress(
                ProgressMeter.Sample(
                    reading: image - range.lowerBound + 1, of: range.count, bytesPerImage: source.bytesPerImage),
                at: clock.seconds)
        }
        reporter.result(
            "summary", ["file": .string(file), "files": .array(files.map { .string($0) })],
            text: "\(Quantity.of(UInt64(files.count), "file")) written\n")
    }
}
