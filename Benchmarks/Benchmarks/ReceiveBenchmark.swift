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

    func run() throws -> Measurement {
        let ring = try ImageRing(for: configuration)
        // With every slot taken, packets pass all checks and are counted, but no pixel is placed.
        while ring.claim(for: 0) != nil {}
        let source = try DetectorSource(configuration, into: ring, correcting: nil)
        try source.prepare()
        var session = source.session()
        let ports = configuration.placedStreams.map(\.udpPort)
        let train = PacketTrain(configuration, ports: ports, most: waiting)

        let stride = (configuration.packetFormat(of: configuration.streams[0]).maximumDatagramBytes + 64) / 64 * 64
        let barePorts = ports.map { $0 + 5000 }
        let sockets = barePorts.map { bench_bind(Int32($0), 64 << 20) }
        let bareTrain = PacketTrain(configuration, ports: barePorts, most: waiting)
        guard let pool = bench_pool_create(UInt32(stride), UInt32(configuration.receive.batch)) else { return .impossible(name) }

        let total = waiting * ports.count
        var ours: [Double] = []
        var bare: [Double] = []
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
                for socket in sockets { received += Int(bench_receive(pool, socket)) }
            }
            let theirs = Double(bench_thread_time() - begin) / Double(total)
            // The first ones warm up.
            if repetition >= 10 {
                ours.append(mine)
                bare.append(theirs)
            }
        }
        return Measurement(
            name: name, statement: statement, unit: "ns/packet", ours: median(ours), roofline: median(bare),
            ratio: median(zip(ours, bare).map { $0 / $1 }), target: target, isLowerBound: false)
    }
}

extension Measurement {
    static func impossible(_ name: String) -> Measurement {
        Measurement(
            name: name, statement: "could not be measured", unit: "", ours: .nan, roofline: .nan, ratio: .nan, target: 0,
            isLowerBound: false)
    }
}
