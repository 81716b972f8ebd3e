import CDAQBench
import DAQBuffer
import DAQCore

/// CPU time from filled sockets to finished images, on one thread, against the bare receive loop and the placement of the same
/// packets with nothing in between.
struct ImageBenchmark {
    /// What a time is divided by.
    enum Unit: String {
        case packet = "ns/packet"
        case image = "µs/image"
    }

    var table = Table.statements
    let name: String
    let statement: String
    let configuration: DetectorConfiguration
    /// Packets that wait on each port when its socket is read.
    let waiting: Int
    let unit: Unit
    /// Images a repetition.
    var images = 1
    let repetitions: Int
    var goal = Measurement.Goal.none

    func run() throws -> [any ResultLine] {
        let pixels = configuration.moduleCount * 1024 * 512
        let calibration = configuration.requiresCalibration ? PlacingBenchmark.calibration(pixels) : nil
        let format = configuration.packetFormat(of: configuration.streams[0])
        let ports = configuration.placedStreams.map(\.udpPort)
        let rounds = images * format.packets.count / waiting
        let total = rounds * waiting * ports.count

        let source = try DetectorSource(configuration, into: try ImageRing(for: configuration), correcting: calibration)
        try source.prepare()
        var session = source.session()
        let train = PacketTrain(configuration, ports: ports, most: waiting)

        let assembler = try ImageAssembler(configuration, calibration: calibration)
        let bareRing = try ImageRing(for: configuration)
        let bare = try BareLoop(configuration, ports: ports.map { $0 + 5000 })
        let bareTrain = PacketTrain(configuration, ports: ports.map { $0 + 5000 }, most: waiting)
        var barePosition = [Int](repeating: 0, count: ports.count)

        var pairs = Pairs()
        let warmUp = max(1, repetitions / 10)
        for repetition in 0..<repetitions + warmUp {
            var mine: UInt64 = 0
            var complete = 0
            for _ in 0..<rounds {
                train.send(waiting)
                let begin = bench_thread_time()
                var received = 0
                while received < waiting * ports.count { received += try session.visitAll() }
                source.deliverDue { complete += $0.metadata.missing.isEmpty ? 1 : 0 }
                mine += bench_thread_time() - begin
            }
            guard complete == images else {
                throw BenchmarkFailure("\(name): \(complete) of \(images) images are complete: \(source.ledger.images)")
            }

            var theirs: UInt64 = 0
            for _ in 0..<rounds {
                bareTrain.send(waiting)
                let begin = bench_thread_time()
                var received = 0
                while received < waiting * ports.count {
                    for port in ports.indices {
                        let count = bare.receive(port)
                        for buffer in 0..<count {
                            let (frame, packet) = barePosition[port].quotientAndRemainder(dividingBy: format.packets.count)
                            assembler.place(
                                stream: port, packet: format.packets.lowerBound + packet,
                                payload: bare.payload(buffer, bytes: format.payloadBytes),
                                into: bareRing.bytes(of: frame % bareRing.slotCount))
                            barePosition[port] += 1
                        }
                        received += count
                    }
                }
                theirs += bench_thread_time() - begin
            }
            guard repetition >= warmUp else { continue }
            let divisor = unit == .packet ? Double(total) : Double(images) * 1000
            pairs.append(ours: Double(mine) / divisor, roofline: Double(theirs) / divisor)
        }
        return [pairs.measurement(name, statement, unit: unit.rawValue, goal: goal, table: table)]
    }
}
