import CDAQBench
import DAQBuffer
import DAQCore

/// CPU time from filled sockets to finished raw images with joined datagrams (`receive.gro`), against the same without.
struct JoiningBenchmark {
    let name: String
    let statement: String
    let port: Int
    /// How many datagrams the sender hands over as one message.
    let together: Int
    let repetitions = 100
    private let images = 4

    func run() throws -> [any ResultLine] {
        var joining = try Receiver(port: port, together: together, joins: true)
        var plain = try Receiver(port: port + 1, together: together, joins: false)
        var pairs = Pairs()
        for repetition in 0..<repetitions + 10 {
            let with = try joining.receive(images)
            let without = try plain.receive(images)
            if repetition >= 10 { pairs.append(ours: with, roofline: without) }
        }
        return [pairs.measurement(name, statement, unit: "ns/packet", goal: .none, table: .joining)]
    }

    private struct Receiver: ~Copyable {
        let source: DetectorSource
        var session: ReceiveSession
        let train: PacketTrain

        init(port: Int, together: Int, joins: Bool) throws {
            var configuration = Detectors.jungfrau(modules: 1, port: port)
            configuration.ring.budgetBytes = 512 << 20
            configuration.receive.joinsDatagrams = joins
            let source = try DetectorSource(configuration, into: try ImageRing(for: configuration), correcting: nil)
            try source.prepare()
            self.source = source
            session = source.session()
            train = PacketTrain(configuration, ports: [port], most: 128, together: together)
        }

        /// Nanoseconds a packet.
        mutating func receive(_ images: Int) throws -> Double {
            var time: UInt64 = 0
            var complete = 0
            for _ in 0..<images {
                train.send(128)
                let begin = bench_thread_time()
                var received = 0
                while received < 128 { received += try session.visitAll() }
                source.deliverDue { complete += $0.metadata.missing.isEmpty ? 1 : 0 }
                time += bench_thread_time() - begin
            }
            guard complete == images else { throw BenchmarkFailure("images are not complete: \(source.ledger)") }
            return Double(time) / Double(images * 128)
        }
    }
}
