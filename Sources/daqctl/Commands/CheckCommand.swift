/// `daqctl check`: reads a configuration and says everything that is wrong with it.
struct CheckCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let strict = CommonArguments.strict
    private static let set = CommonArguments.set
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "check",
        summary: "validate a configuration and explain it; starts nothing",
        discussion: """
            Shows all errors and warnings at once, each with its place in the document, and the memory and the UDP \
            ports that a run will use. Exit code 1 when the configuration cannot be used.
            """,
        arguments: [configuration.declaration, strict.declaration, set.declaration, json.declaration],
        examples: ["daqctl check detector.json --strict"])

    let configuration: String
    let strict: Bool
    let settings: [Setting]
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        strict = try arguments(Self.strict)
        settings = try arguments(Self.set)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        throw NotInThisBuild(work: "loading configurations")
    }
}
