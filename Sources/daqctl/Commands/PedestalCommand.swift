/// `daqctl pedestal`: takes a pedestal from a dark run.
struct PedestalCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let set = CommonArguments.set
    private static let images = Argument<Int>.required(
        "images", "N", .integer(1...), help: "Number of dark images to take, over all gain stages.")
    private static let output = Argument.required(
        "output", "FILE.h5", .path(suffix: ".h5"), help: "The pedestal file; it must not exist yet.")

    static let declaration = CommandDeclaration(
        name: "pedestal",
        summary: "take a pedestal from a dark run and store it for the correction",
        discussion: """
            Receives N images without beam and averages each pixel in each gain stage that occurs. Name the file in \
            the configuration as calibration.pedestal afterwards.
            """,
        arguments: [configuration.declaration, images.declaration, output.declaration, set.declaration],
        examples: ["daqctl pedestal jungfrau.json --images 3000 --output pedestal.h5"])

    let configuration: String
    let settings: [Setting]
    let images: Int
    let output: String

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        settings = try arguments(Self.set)
        images = try arguments(Self.images)
        output = try arguments(Self.output)
    }

    func run(on console: Console) throws {
        throw NotInThisBuild(work: "taking pedestals")
    }
}
