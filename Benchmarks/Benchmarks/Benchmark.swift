import DAQCore

/// The statements about speed and the tables of figures, each with a function that measures it.
struct Benchmark: Sendable {
    let name: String
    let run: @Sendable () throws -> [any ResultLine]

    /// Whether a word of the command line means it: the beginning of its name, or all of it after an equals sign.
    func isMeant(by word: String) -> Bool { word.hasPrefix("=") ? word.dropFirst() == name[...] : name.hasPrefix(word) }

    /// All benchmarks; each has ports of its own, and the bare loops those 5000 above.
    ///
    /// - Parameter seconds: how long the lossless runs take.
    static func all(seconds: Double) -> [Benchmark] {
        receiving + placing + frames + writing + whole + forwarding + packing + lossless(seconds) + portScaling
            + sizeScaling + joining + counts
    }

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
                configuration: Detectors.eiger(streams: 72, port: 21000 + waiting * 10), waiting: waiting, repetitions: 100,
                target: 1.10)
            return Benchmark(name: benchmark.name) { try benchmark.run() }
        }

    private static let forwarding = [1, 8, 32].map { megabytes in
        Benchmark(name: "forward-\(megabytes)") { try ForwardBenchmark(megabytes: megabytes).run() }
    }

    private static let writing: [Benchmark] =
        [
            WritingBenchmark(
                name: "write-memory", statement: "images into a file / write() of the same bytes, tmpfs", folder: "/dev/shm",
                bypassesPageCache: false, imageBytes: 8 << 20, images: 100, repetitions: 7, target: 0.92),
            WritingBenchmark(
                name: "write-direct", statement: "images into a file past the page cache / O_DIRECT writes, disk",
                folder: "/var/tmp", bypassesPageCache: true, imageBytes: 8 << 20, images: 100, repetitions: 7, target: 0.85),
        ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }
        + [Benchmark(name: "write-metadata") { try MetadataBenchmark().run() }]

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

    private static let frames: [Benchmark] = [
        ImageBenchmark(
            name: "frame-raw", statement: "receive to finished raw image / bare receive and row placement",
            configuration: Detectors.jungfrau(modules: 1, port: 20200), waiting: 512, unit: .image, images: 4,
            repetitions: 100, goal: .atMost(1.15)),
        ImageBenchmark(
            name: "frame-corrected", statement: "receive to finished corrected image / bare receive and correction kernel",
            configuration: Detectors.jungfrau(modules: 1, type: .jungfrauConverted, port: 20250), waiting: 512, unit: .image,
            images: 4, repetitions: 100, goal: .atMost(1.15)),
    ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }

    private static let whole: [Benchmark] = [
        Benchmark(name: "user-time") { try SharedTimeBenchmark().run() },
        Benchmark(name: "start") { try StartBenchmark().run() },
        Benchmark(name: "ring-readers") { try RingBenchmark().run() },
        Benchmark(name: "pipeline-file") {
            try PipelineBenchmark(
                name: "pipeline-file", statement: "receive, correct and write to tmpfs on one processor / its parts, each alone",
                port: 20530, repetitions: 15, target: 0.85
            ).run()
        },
    ]

    private static func lossless(_ seconds: Double) -> [Benchmark] {
        [
            LosslessBenchmark(name: "lossless-raw", isCorrected: false, port: 20500, share: 0.5, seconds: seconds),
            LosslessBenchmark(name: "lossless-corrected", isCorrected: true, port: 20510, share: 0.4, seconds: seconds),
        ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }
    }

    private static let portScaling: [Benchmark] = [1, 2, 4, 8, 32, 72].map { ports in
        let benchmark = ImageBenchmark(
            table: .ports, name: "scaling-ports-\(ports)", statement: ports == 1 ? "1 port" : "\(ports) ports",
            configuration: Detectors.jungfrau(modules: ports, port: 22000 + 10 * ports), waiting: 16, unit: .packet,
            repetitions: max(8, 100 / ports))
        return Benchmark(name: benchmark.name) { try benchmark.run() }
    }

    private static let sizeScaling: [Benchmark] = [DetectorType.jungfrauRaw, .jungfrauConverted].flatMap { type in
        [0.25, 0.5, 1, 2, 4, 8, 16].map { megapixels in
            let content = type == .jungfrauRaw ? "raw" : "corrected"
            let size = megapixels < 1 ? "\(megapixels)" : "\(Int(megapixels))"
            var configuration = Detectors.jungfrau(
                modules: max(1, Int(megapixels * 2)), type: type, port: type == .jungfrauRaw ? 23000 : 23100)
            if megapixels < 0.5 {
                configuration.readRows = 256
                configuration.imageHeight = 256
                configuration.modulePositions = [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 255)]
            }
            let benchmark = ImageBenchmark(
                table: .sizes, name: "scaling-size-\(content)-\(size)", statement: "\(size) Mpixel, \(content)",
                configuration: configuration, waiting: 16, unit: .image, repetitions: max(8, Int(60 / megapixels)))
            return Benchmark(name: benchmark.name) { try benchmark.run() }
        }
    }

    private static let joining: [Benchmark] = [
        JoiningBenchmark(name: "joining-7", statement: "7 datagrams handed over at once (UDP_SEGMENT)", port: 20600, together: 7),
        JoiningBenchmark(name: "joining-1", statement: "each datagram by itself", port: 20610, together: 1),
    ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }

    private static let counts: [Benchmark] = [
        CountBenchmark(name: "counts-raw", isCorrected: false, port: 20700),
        CountBenchmark(name: "counts-corrected", isCorrected: true, port: 20710),
    ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }

    #if Compression
        private static let packing: [Benchmark] =
            [
                PackingBenchmark(
                    name: "pack-counts16", statement: "bitshuffle/LZ4 of photons, uint16 / upstream, -march=native",
                    pixels: .counts16),
                PackingBenchmark(
                    name: "pack-counts16-baseline", statement: "the same / upstream, baseline x86-64", pixels: .counts16,
                    upstream: .baseline),
                PackingBenchmark(
                    name: "pack-counts32", statement: "bitshuffle/LZ4 of photons, int32 / upstream, -march=native",
                    pixels: .counts32),
                PackingBenchmark(
                    name: "pack-raw16", statement: "bitshuffle/LZ4 of raw JUNGFRAU words / upstream, -march=native",
                    pixels: .raw16),
                PackingBenchmark(
                    name: "pack-float32", statement: "bitshuffle/LZ4 of corrected float32 / upstream, -march=native",
                    pixels: .float32),
                PackingBenchmark(
                    name: "unpack-counts16", statement: "unpacking photons, uint16 / upstream, -march=native", pixels: .counts16,
                    isUnpacking: true),
            ].map { benchmark in Benchmark(name: benchmark.name) { try benchmark.run() } }
            + [Benchmark(name: "pack-pool") { try PoolBenchmark().run() }]
    #else
        private static let packing: [Benchmark] = []
    #endif
}
