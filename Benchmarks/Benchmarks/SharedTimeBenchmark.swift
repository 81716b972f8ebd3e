import CDAQBench
import DAQBuffer
import DAQCore
import Dispatch

/// User against kernel time of a thread that only receives, while its queue is never empty.
struct SharedTimeBenchmark {
    let rounds = 400
    let waiting = 4096

    func run() throws -> [any ResultLine] {
        let configuration = Detectors.jungfrau(modules: 1, port: 20400)
        let ring = try ImageRing(for: configuration)
        let source = try DetectorSource(configuration, into: ring, correcting: nil)
        try source.prepare()
        while ring.claim(for: 0) != nil {}
        var session = source.session()
        // Another thread fills the socket between the rounds, so that this one does nothing but receive.
        let filler = Filler(configuration, waiting: waiting)
        let start = bench_usage()
        var total = 0
        for _ in 0..<rounds {
            filler.fill()
            var received = 0
            while received < waiting { received += try session.visitAll() }
            total += received
        }
        let end = bench_usage()
        let user = Double(end.user - start.user) / Double(total)
        let kernel = Double(end.kernel - start.kernel) / Double(total)
        return [
            Measurement(
                name: "user-time", statement: "user / kernel time of the receiving thread, queue never empty",
                unit: "ns/packet", ours: user, roofline: kernel, ratio: user / kernel, goal: .atMost(0.12))
        ]
    }
}

/// Fills a socket from the first processor when it is asked to.
private final class Filler: Sendable {
    private let asked = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    init(_ configuration: DetectorConfiguration, waiting: Int) {
        PinnedThread { [asked, done] in
            let train = PacketTrain(configuration, ports: [configuration.startUDPPort], most: waiting)
            while true {
                asked.wait()
                train.send(waiting)
                done.signal()
            }
        }.start()
    }

    func fill() {
        asked.signal()
        done.wait()
    }
}
