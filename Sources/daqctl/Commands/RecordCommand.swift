/// `daqctl record`: stores packets as they come.
struct RecordCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let set = CommonArguments.set
    private static let output = Argument.required(
        "output", "FILE.pcap", .path(suffix: ".pcap"), help: "The capture file; it must not exist yet.")
    private static let images = Argument<Int?>.option(
        "images", "N", .integer(1...), help: "End after the packets of N images.")
    private static let duration = CommonArguments.duration

    static let declaration = CommandDeclaration(
        name: "record",
        summary: "store a detector's packets in a capture file, as they come",
        discussion: """
            The file opens in Wireshark and tcpdump, and can be sent again with replay. Ends on Ctrl-C, after N \
            images, or after a time.
            """,
        arguments: [configuration.declaration, output.declaration, images.declaration, duration.declaration, set.declaration],
        examples: ["daqctl record detector.json --output run1.pcap --images 100"])

    let configuration: String
    let settings: [Setting]
    let output: String
    let images: Int?
    let duration: Double?

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        settings = try arguments(Self.set)
        output = try arguments(Self.output)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
    }

    func run(on console: Console) throws {
        throw NotInThisBuild(work: "recording packets")
    }
}
