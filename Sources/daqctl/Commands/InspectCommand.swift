/// `daqctl inspect`: looks into an image file.
struct InspectCommand: Command {
    private static let file = Argument.positional("FILE.h5", .path, help: "The file to look at.")
    private static let picture = Argument<String?>.option(
        "picture", "FILE.png", .path(suffix: ".png"), help: "Draw one image.")
    private static let image = Argument<UInt64?>.option(
        "image", "N", .unsigned, help: "With --picture: the image to draw, by its id; the first one without it.")
    private static let segment = Argument<UInt64?>.option(
        "segment", "N", .unsigned, help: "With --image: its segment, where several have an image of that id.")
    private static let checksums = Argument.flag(
        "checksums", help: "Read back every image and show its checksum, which is that of daqctl verify.")
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "inspect",
        summary: "show what is in a file: structure, gaps, sums, a picture",
        arguments: [
            file.declaration, picture.declaration, image.declaration, segment.declaration, checksums.declaration,
            json.declaration,
        ],
        examples: ["daqctl inspect run1.h5 --picture first.png"])

    let file: String
    let picture: String?
    let image: UInt64?
    let segment: UInt64?
    let checksums: Bool
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        file = try arguments(Self.file)
        picture = try arguments(Self.picture)
        image = try arguments(Self.image)
        segment = try arguments(Self.segment)
        checksums = try arguments(Self.checksums)
        json = try arguments(Self.json)
        if image != nil, picture == nil { throw .needs(Self.image.declaration, "--picture FILE.png") }
        if segment != nil, image == nil { throw .needs(Self.segment.declaration, "--image N") }
    }

    func run(on console: Console) throws {
        let reporter = Reporter("inspect", console: console, json: json)
        let inspection = try FileInspection(path: file, sums: json ? 1000 : 10)
        if checksums {
            let clock = MonotonicClock()
            try inspection.readBack { reporter.progress($0, at: clock.seconds) }
        }
        if let picture { try inspection.draw(image, segment: segment, to: picture) }
        var members = inspection.json
        if case .object(let all) = members {
            members = .object(all + [.init(key: "picture", value: picture.map { .string($0) } ?? .null)])
        }
        // Last, so that it is seen below the structure of the file.
        let drawn = picture.map { "\npicture: \($0)\n" } ?? ""
        reporter.result("summary", members, text: inspection.text + drawn)
        if inspection.problemCount > 0 { throw RunFailure(reason: "\(inspection.problemCount) problems in \(file)") }
    }
}
