/// The statements about speed, each with a function that measures it.
struct Benchmark: Sendable {
    let name: String
    let run: @Sendable () throws -> Measurement

    static let all: [Benchmark] = receiving + placing + frames + whole + forwarding

    private static let receiving: [Benchmark] =
        [
            ReceiveBenchmark(
                name: "receive-jungfrau", statement: "receive with all checks / bare recvmmsg loop, 8240 bytes",
                configuration: Detectors.jungfrau(modules: 1, port: 20000), waiting: 512, repetitions: 200, target: 1.08),
            ReceiveBenchmark(
                name: "receive-eiger", statement: "receive with all checks / bare recvmmsg loop, 4144 bytes",
                configuration: Detectors.eiger(streams: 1, port: 20100), waiting: 512, repetitions: 200, target: 1.10),
        ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }
        + [2, 16, 64].map { waiting in
            let benchmark = ReceiveBenchmark(
                name: "receive-72-ports-\(waiting)", statement: "the same over 72 sockets with \(waiting) packets waiting each",
                configuration: Detectors.eiger(streams: 72, port: 21000 + waiting * 100), waiting: waiting, repetitions: 100,
                target: 1.10)
            return Benchmark(name: benchmark.name) { try benchmark.run() }
        }

    private static let forwarding = [1, 8, 32].map { megabytes in
        Benchmark(name: "forward-\(megabytes)") { try ForwardBenchmark(megabytes: megabytes).run() }
    }

    private static let whole: [Benchmark] = [
        Benchmark(name: "user-time") { try SharedTimeBenchmark().run() },
        Benchmark(name: "start") { try StartBenchmark().run() },
    ]

    private static let frames: [Benchmark] = [
        FrameBenchmark(
            name: "frame-raw", statement: "receive to finished raw image / bare receive and row placement", isCorrected: false,
            repetitions: 100, target: 1.15),
        FrameBenchmark(
            name: "frame-corrected", statement: "receive to finished corrected image / bare receive and correction kernel",
            isCorrected: true, repetitions: 100, target: 1.15),
    ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }

    private static let placing: [Benchmark] = [
        PlacingBenchmark(
            name: "place-raw", statement: "placing raw rows into the image / memcpy of 64 MiB", modules: 1, isCorrected: false,
            repetitions: 30, target: 1.2),
        PlacingBenchmark(
            name: "correct-1-first-gain", statement: "correction, one module, first gain / memcpy of 64 MiB", modules: 1,
            isCorrected: true, repetitions: 30, target: 0.60),
        PlacingBenchmark(
            name: "correct-1-mixed", statement: "correction, one module, 5 % scattered other gains / memcpy of 64 MiB",
            modules: 1, isCorrected: true, switched: 0.05, repetitions: 30, target: 0.25),
        PlacingBenchmark(
            name: "correct-8-first-gain", statement: "correction, eight modules, first gain / memcpy of 64 MiB", modules: 8,
            isCorrected: true, repetitions: 20, target: 0.36),
        PlacingBenchmark(
            name: "correct-8-mixed", statement: "correction, eight modules, 5 % scattered other gains / memcpy of 64 MiB",
            modules: 8, isCorrected: true, switched: 0.05, repetitions: 20, target: 0.15),
    ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }
}
