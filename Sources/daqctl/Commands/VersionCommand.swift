import DAQCore

/// `daqctl version`: what this program is and what it was built with.
struct VersionCommand: Command {
    /// The version of this package.
    static let version = PackageVersion.number

    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "version",
        summary: "show the version and what this program was built with",
        arguments: [json.declaration])

    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        json = try arguments(Self.json)
    }

    func run(on console: Console) {
        let traits = Self.traits
        guard !json else {
            let object: JSONValue = [
                "event": "summary", "version": .string(Self.version),
                "traits": .array(traits.map { .string($0) }), "configuration": .string(Self.configuration),
            ]
            return console.output.write(object.line)
        }
        let list = traits.isEmpty ? "none" : traits.joined(separator: ", ")
        console.output.write("daqctl \(Self.version) (\(Self.configuration) build; traits: \(list))\n")
    }

    /// The traits of the package that are built in.
    static var traits: [String] {
        var traits: [String] = []
        #if Compression
            traits.append("Compression")
        #endif
        #if Control
            traits.append("Control")
        #endif
        #if AMQP
            traits.append("AMQP")
        #endif
        #if Kafka
            traits.append("Kafka")
        #endif
        #if Avro
            traits.append("Avro")
        #endif
        #if PostgreSQL
            traits.append("PostgreSQL")
        #endif
        return traits
    }

    private static var configuration: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }
}
