import DAQBuffer

/// `daqctl keys`: makes and shows keys for forwarding.
struct KeysCommand: Command {
    private static let file = Argument.positional("FILE", .path, help: "The key file; it is made when it does not exist.")
    private static let peers = Argument<[String]>.repeated(
        "peer", "KEY", .text, help: "Add the public key of the other end. May be repeated.")
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "keys",
        summary: "make keys for forwarding images, and show the public one",
        discussion: """
            The file holds the secret key of this host and the public keys of the others, and only its owner can read it. \
            Tell the other end the public key that is shown, and add its public key here with --peer: at the end that \
            listens one for everybody who may connect, at the end that connects the one of the end that listens.
            """,
        arguments: [file.declaration, peers.declaration, json.declaration],
        examples: ["daqctl keys sender.keys", "daqctl keys far.keys --peer Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"])

    let file: String
    let peers: [String]
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        file = try arguments(Self.file)
        peers = try arguments(Self.peers)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let reporter = Reporter("keys", console: console, json: json)
        let isNew = !FilePath.exists(file)
        var keys = try isNew ? ForwardKeys.create(file, peers: peers) : ForwardKeys(contentsOf: file)
        if !isNew, !peers.isEmpty { keys = try keys.adding(peers: peers) }
        reporter.result(
            "summary",
            [
                "file": .string(keys.path), "created": .flag(isNew), "public": .string(keys.own.publicKey),
                "peers": .array(keys.peers.map { .string($0) }),
            ],
            text: """
                \(isNew ? "made" : "read") \(keys.path); the public key, for the other end:
                \(keys.own.publicKey)
                peers: \(keys.peers.isEmpty ? "none yet (--peer KEY)" : keys.peers.joined(separator: " "))

                """)
    }
}
