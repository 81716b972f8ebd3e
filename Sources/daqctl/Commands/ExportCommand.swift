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
        discussion: "The files are named after the image's id, or its position in a file without ids, and replaced.",
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
        if png == nil, tiff == nil { throw .missing(Self.tiff.declaration) }
    }

    func run(on console: Console) throws {
        let reporter = Reporter("export", console: console, json: json, quiet: quiet)
        let source = try HDF5ImageFile(path: file)
        let range = images ?? 0...max(0, source.imageCount - 1)
        guard range.upperBound < source.imageCount else {
            throw RunFailure(reason: "\(file) has \(source.imageCount) images, the first is number 0; asked for \(range)")
        }
        let ids = try source.index().columns["frame_id"]
        let clock = MonotonicClock()
        var files: [String] = []
        for image in range {
            CrashGuard.expectProgress()
            for (folder, format) in [(png, ExportFormat.png), (tiff, .tiff)] {
                guard let folder else { continue }
                let path = "\(folder)/image-\(ids.map { String($0[image]) } ?? String(image)).\(format.rawValue)"
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
            text: "\(Quantity.count(UInt64(files.count))) files written\n")
    }
}
