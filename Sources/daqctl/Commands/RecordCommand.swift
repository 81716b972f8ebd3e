import DAQCore

/// `daqctl record`: stores packets as they come.
struct RecordCommand: Command {
    private static let configuration = CommonArguments.configuration
    private static let set = CommonArguments.set
    private static let output = Argument.required(
        "output", "FILE.pcap", .path(suffix: ".pcap"), help: "The capture file; it must not exist yet.")
    private static let images = Argument<Int?>.option(
        "images", "N", .integer(1...), help: "End after the packets of N images.")
    private static let duration = CommonArguments.duration
    private static let json = CommonArguments.json

    static let declaration = CommandDeclaration(
        name: "record",
        summary: "store a detector's packets in a capture file, as they come",
        discussion: """
            The file opens in Wireshark and tcpdump, and can be sent again with replay. Ends on Ctrl-C, after N \
            images, or after a time.
            """,
        arguments: [
            configuration.declaration, output.declaration, images.declaration, duration.declaration, set.declaration,
            json.declaration,
        ],
        examples: ["daqctl record detector.json --output run1.pcap --images 100"])

    let configuration: String
    let settings: [Setting]
    let output: String
    let images: Int?
    let duration: Double?
    let json: Bool

    init(_ arguments: ParsedArguments) throws(UsageProblem) {
        configuration = try arguments(Self.configuration)
        settings = try arguments(Self.set)
        output = try arguments(Self.output)
        images = try arguments(Self.images)
        duration = try arguments(Self.duration)
        json = try arguments(Self.json)
    }

    func run(on console: Console) throws {
        let stop = try StopRequest()
        let reporter = Reporter("record", console: console, json: json)
        let detector = try reporter.packetConfiguration(configuration, settings: settings)
        if FilePath.exists(output) { throw CommandFailure(reason: "\(output) exists already; it is not replaced") }
        let recorder = try PacketRecorder(detector)
        stop.onStop { recorder.stop() }
        reporter.event("ready", message: "ready: recording \(detector.name) to \(output)")
        let clock = MonotonicClock()
        let watcher = Watcher(every: 0.2) { [duration, images] in
            let progress = recorder.progress
            var sample = ProgressMeter.Sample()
            sample.images = UInt64(progress.images)
            sample.total = images.map { UInt64($0) }
            sample.bytes = progress.bytes
            reporter.progress(sample, at: clock.seconds)
            if let duration, clock.seconds >= duration { recorder.stop() }
        }
        defer { watcher.stop() }
        try recorder.run(to: output, images: images)
        watcher.stop()
        let progress = recorder.progress
        reporter.result(
            "summary",
            [
                "images": .integer(Int64(progress.images)), "packets": .unsigned(progress.datagrams),
                "bytes": .unsigned(progress.bytes), "kernel_dropped": .unsigned(progress.kernelDropped), "file": .string(output),
            ],
            text: """
                recorded \(Quantity.of(progress.datagrams, "packet")) of \(Quantity.images(UInt64(progress.images))), \
                \(Quantity.bytes(progress.bytes))\(
                    progress.kernelDropped > 0 ? "; LOST IN THIS HOST: \(progress.kernelDropped) (raise net.core.rmem_max)" : "")
                file: \(output)

                """)
    }
}
