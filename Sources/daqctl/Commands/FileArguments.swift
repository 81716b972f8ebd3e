import DAQCore
import DAQWriter

/// The arguments that say how files are written, for all commands that write images.
struct FileArguments {
    private static let run = Argument<String?>.option("run", "NAME", .text, help: "What {run} in a file name becomes.")
    private static let format = Argument<FileFormat?>.option(
        "format", "FORMAT", .choice,
        help: "Layout of the file: stack, nxmx or std-daq (stack); docs/file-format.md describes them.")
    private static let mode = Argument<FileMode?>.option(
        "file-mode", "MODE", .choice,
        help: """
            safe: the file opens at any time, also after a kill, and shows what is complete. swmr: readers follow \
            the growing file; after a kill it needs daqctl recover. (safe)
            """)
    private static let compression = Argument<FileCompression?>.option(
        "compression", "HOW", .choice,
        help: "Pack the pixels: bslz4 (bitshuffle and LZ4), bszstd, or none (none).")
    private static let imagesPerFile = Argument<Int?>.option(
        "images-per-file", "N", .integer(1...), help: "Split into files of N images, which the named one shows as one.")
    private static let bytesPerFile = Argument<Int?>.option(
        "bytes-per-file", "N", .integer(1...), help: "Split into files with at most N bytes of pixels.")
    private static let secondsPerFile = Argument<Double?>.option(
        "seconds-per-file", "S", .notNegative,
        help: """
            In the mode safe a file is complete, and its images count as on the disk, after S seconds at the latest; 0 \
            for no limit (30).
            """)
    private static let root = Argument<[String]>.repeated(
        "root", "DIR", .path,
        help: """
            Write only under this directory, whatever the file name says; directories that are missing in it are \
            created. May be repeated.
            """)
    private static let owner = Argument<String?>.option("owner", "USER", .text, help: "Give the files to this user (root only).")
    private static let group = Argument<String?>.option("group", "GROUP", .text, help: "Give the files to this group.")
    private static let permissions = Argument<String?>.option(
        "permissions", "MODE", .text, help: "Permissions of the files in octal digits, such as 640.")

    /// The arguments for a command whose `--format` is that of files.
    static let declarations = [format.declaration] + declarationsBesideFormat
    /// The arguments for a command whose `--format` is something else.
    static let declarationsBesideFormat = [
        run.declaration, mode.declaration, compression.declaration, imagesPerFile.declaration,
        bytesPerFile.declaration, secondsPerFile.declaration, root.declaration, owner.declaration, group.declaration,
        permissions.declaration,
    ]

    private let arguments: ParsedArguments
    private let run: String?
    private let hasFormat: Bool

    /// Reads the arguments.
    ///
    /// - Parameter hasFormat: whether the command's `--format` is that of files.
    init(_ arguments: ParsedArguments, hasFormat: Bool = true) throws(UsageProblem) {
        run = try arguments(Self.run)
        self.hasFormat = hasFormat
        self.arguments = arguments
        var writer = WriterConfiguration()
        // Whatever is wrong is wrong usage, whatever a configuration says.
        try override(&writer)
    }

    /// A request for everything, written as the configuration says and the command line, which goes before it.
    func request(output: FileNameTemplate, _ configuration: WriterConfiguration) throws -> (WriteRequest, WriteRoots) {
        var writer = configuration
        try override(&writer)
        if run == nil, output.description.contains("{run}") {
            throw UsageProblem.unusable(
                Self.run.declaration, reason: "needed for {run} in \(output.description); give --run NAME")
        }
        var request = WriteRequest(output: output, as: writer)
        request.run = run
        return (request, writer.roots.isEmpty ? .anywhere : try WriteRoots(writer.roots.map { FilePath.absolute($0) }))
    }

    private func override(_ writer: inout WriterConfiguration) throws(UsageProblem) {
        if hasFormat { writer.format = try arguments(Self.format) ?? writer.format }
        writer.mode = try arguments(Self.mode) ?? writer.mode
        writer.compression = try arguments(Self.compression) ?? writer.compression
        writer.imagesPerFile = try arguments(Self.imagesPerFile) ?? writer.imagesPerFile
        writer.bytesPerFile = try arguments(Self.bytesPerFile) ?? writer.bytesPerFile
        writer.secondsPerFile = try arguments(Self.secondsPerFile) ?? writer.secondsPerFile
        writer.owner = try arguments(Self.owner) ?? writer.owner
        writer.group = try arguments(Self.group) ?? writer.group
        let roots = try arguments(Self.root)
        if !roots.isEmpty { writer.roots = roots }
        guard let digits = try arguments(Self.permissions) else { return }
        guard FileOwnership.permissions(digits) != nil else {
            throw .badValue(Self.permissions.declaration, found: digits, expected: WriterConfiguration.permissionsExpected)
        }
        writer.permissions = digits
    }

    /// A file name with places in it, as an argument gives it.
    static func template(
        _ text: String, of argument: ArgumentDeclaration, orFolder mayBeFolder: Bool = false
    ) throws(UsageProblem) -> FileNameTemplate {
        // Shells add the slash behind the name of a folder.
        var text = text
        while mayBeFolder, text.count > 1, text.hasSuffix("/") { text.removeLast() }
        do throws(WriteRefusal) {
            return try FileNameTemplate(text)
        } catch {
            // A place that nobody knows is named by itself.
            guard error.found.hasPrefix("{") else { throw .badValue(argument, found: text, expected: error.expected) }
            throw .unusable(
                argument, reason: "\(error.found) is not known; known are {detector}, {run}, {date}, {time} and {part}")
        }
    }
}
