import CDAQBench
import DAQCore

/// Finds the highest rate at which the bare receive loop, polling all the time, loses no packet.
struct LosslessRate {
    let port: Int
    private let frames: UInt64 = 1500
    private let halvings = 6
    /// A receiver that needs longer for what is left than this, after the sender has ended, lived on its buffer.
    private static let longestRest: UInt64 = 10_000_000

    /// The rate in bytes of datagrams a nanosecond.
    func search() throws -> Double {
        let configuration = Detectors.jungfrau(modules: 1, port: port)
        let bare = try BareLoop(configuration, ports: [port])
        var best = 0.0
        var tooMuch = Double.infinity
        // The first try only warms up; full speed may already be what the sender can do and not the receiver.
        _ = try trial(bare, configuration, rate: 0)
        for _ in 0..<2 {
            let full = try trial(bare, configuration, rate: 0)
            if full.isLossless { best = max(best, full.rate) } else { tooMuch = min(tooMuch, full.rate) }
        }
        guard tooMuch.isFinite, best < tooMuch else { return best }
        for _ in 0..<halvings {
            let middle = (best + tooMuch) / 2
            let outcome = try trial(bare, configuration, rate: middle)
            if outcome.isLossless { best = max(best, min(middle, outcome.rate)) } else { tooMuch = middle }
        }
        guard best > 0 else { throw BenchmarkFailure("the bare receive loop loses packets at every rate") }
        return best
    }

    private func trial(
        _ bare: BareLoop, _ configuration: DetectorConfiguration, rate: Double
    ) throws -> (rate: Double, isLossless: Bool) {
        let frames = frames
        let port = port
        let sender = PinnedThread {
            let sender = try PacedSender(configuration, port: port)
            let sent = try sender.send(frames, rate: rate)
            return (bytes: UInt64(sender.frameBytes) * frames, elapsed: sent.elapsed)
        }
        sender.start()
        var received = 0
        var end: UInt64?
        while true {
            let count = bare.receive()
            received += count
            if count == 0, sender.isOver { break }
            if end == nil, sender.isOver { end = bench_time() }
        }
        let sent = try sender.value()
        let rest = end.map { bench_time() - $0 } ?? 0
        let packets = configuration.packetFormat(of: configuration.streams[0]).packets.count * Int(frames)
        return (Double(sent.bytes) / Double(sent.elapsed), received == packets && rest <= Self.longestRest)
    }
}
