import DAQCore

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
            ports that a run will use. Warns of what this host does not have: calibration files, processors, shared \
            memory. Exit code 1 when the configuration cannot be used.
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
        let reporter = Reporter("check", console: console, json: json)
        let detector: DetectorConfiguration
        do {
            detector = try reporter.configuration(configuration, settings: settings, strict: strict)
        } catch let error as ConfigurationError where json {
            let problems = error.problems.map { JSONValue.string("\($0)") }
            reporter.result("summary", ["valid": false, "problems": .array(problems)], text: "")
            throw error
        }
        let plan = MemoryPlan(detector, slotBytes: try ImageAssembler.slotBytes(for: detector))
        let streams = detector.placedStreams
        for doubt in ConfigurationDoubts(detector, ringBytes: plan.ringBytes).lines { reporter.warning(doubt) }
        reporter.result("summary", json(detector, plan, streams), text: text(detector, plan, streams))
    }

    private func text(_ detector: DetectorConfiguration, _ plan: MemoryPlan, _ streams: [UDPStream]) -> String {
        let format = detector.imageFormat
        let arrival =
            detector.forwardSource.map { "other host       \($0.isListening ? "connects to" : "at") \($0.address)" }
            ?? detector.source.map { "stream           \($0.words)" } ?? "UDP ports        \(ports(detector, streams))"
        return """
            \(configuration) is valid

            detector         \(detector.name), \(detector.type.rawValue)
            images           \(format.width) x \(format.height) pixels of \(format.pixelType.rawValue)\(
                detector.content == .corrected ? ", corrected" : "")
            \(arrival)
            files            \(WriterSummary(detector.writer).text)

            memory
            \(plan)

            """
    }

    private func ports(_ detector: DetectorConfiguration, _ streams: [UDPStream]) -> String {
        let range =
            streams.first.flatMap { first in
                streams.last.map { first == $0 ? "\(first.udpPort)" : "\(first.udpPort) to \($0.udpPort)" }
            } ?? "none"
        return "\(range) (\(streams.count) of \(Quantity.of(UInt64(detector.streamCount), "stream")))"
    }

    private func json(_ detector: DetectorConfiguration, _ plan: MemoryPlan, _ streams: [UDPStream]) -> JSONValue {
        let format = detector.imageFormat
        return [
            "valid": true, "detector": .string(detector.name), "type": .string(detector.type.rawValue),
            "width": .integer(Int64(format.width)), "height": .integer(Int64(format.height)),
            "pixel_type": .string(format.pixelType.rawValue),
            "ports": .array(streams.map { .integer(Int64($0.udpPort)) }),
            "source": (detector.forwardSource?.address ?? detector.source?.endpoint).map { .string($0) } ?? .null,
            "writer": WriterSummary(detector.writer).json,
            "memory": [
                "ring": .integer(Int64(plan.ringBytes)), "slots": .integer(Int64(plan.slotCount)),
                "ring_index": .integer(Int64(plan.indexBytes)),
                "packet_buffers": .integer(Int64(plan.packetBufferBytes)), "held_packets": .integer(Int64(plan.heldPacketBytes)),
                "calibration": .integer(Int64(plan.calibrationBytes)), "total": .integer(Int64(plan.totalBytes)),
            ],
        ]
    }
}
