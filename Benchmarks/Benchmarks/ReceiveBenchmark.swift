import CDAQBench
import DAQBuffer
import DAQCore

/// CPU time a packet of receiving with all checks and the ledger, on sockets that were filled before, against a bare
/// recvmmsg loop over the same number of sockets with the same buffers.
struct ReceiveBenchmark {
    let name: String
    let statement: String
    let configuration: DetectorConfiguration
    /// Packets waiting at each socket.
    let waiting: Int
    let repetitions: Int
    let target: Double

    func run() throws -> [any ResultLine] {
        let ring = try ImageRing(for: configuration)
        let source = try DetectorSource(configuration, into: ring, correcting: nil)
        try source.prepare()
        // With every slot taken, packets pass all checks and are counted, but no pixel is placed.
        while ring.claim(for: 0) != nil {}
        var session = source.session()
        let ports = configuration.placedStreams.map(\.udpPort)
        let train = PacketTrain(configuration, ports: ports, most: waiting)

        let bare = try BareLoop(configuration, ports: ports.map { $0 + 5000 })
        let bareTrain = PacketTrain(configuration, ports: ports.map { $0 + 5000 }, most: waiting)

        let total = waiting * ports.count
        var pairs = Pairs()
        for repetition in 0..<repetitions + 10 {
            train.send(waiting)
            var begin = bench_thread_time()
            var received = 0
            while received < total { received += try session.visitAll() }
            let mine = Double(bench_thread_time() - begin) / Double(total)

            bareTrain.send(waiting)
            begin = bench_thread_time()
            received = 0
            while received < total {
                for port in ports.indices { received += bare.receive(port) }
            }
            let theirs = Double(bench_thread_time() - begin) / Double(total)
            // The first ones warm up.
            if repetition >= 10 { pairs.append(ours: mine, roofline: theirs) }
        }
        return [pairs.measurement(name, statement, unit: "ns/packet", goal: .atMost(target))]
    }
}
