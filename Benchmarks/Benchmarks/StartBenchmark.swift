import CDAQBench
import DAQBuffer
import DAQCore

/// From a configuration to sockets that are bound and memory that is touched, against touching as many bytes alone.
struct StartBenchmark {
    let repetitions = 5

    func run() throws -> [any ResultLine] {
        var pairs = Pairs()
        for repetition in 0..<repetitions + 1 {
            var configuration = Detectors.jungfrau(modules: 8, port: 20300)
            configuration.ring.budgetBytes = 1 << 30
            let begin = bench_time()
            let ring = try ImageRing(for: configuration)
            let source = try DetectorSource(configuration, into: ring, correcting: nil)
            try source.prepare()
            let mine = Double(bench_time() - begin) / 1e6
            let theirs = Double(bench_touch(UInt64(ring.slotCount * ring.format.bytes))) / 1e6
            if repetition > 0 { pairs.append(ours: mine, roofline: theirs) }
        }
        return [pairs.measurement("start", "start to ready / touching the same bytes", unit: "ms", goal: .atMost(1.15))]
    }
}
