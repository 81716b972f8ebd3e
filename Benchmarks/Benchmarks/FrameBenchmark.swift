import CDAQBench
import DAQBuffer
import DAQCore

/// CPU time a frame from filled sockets to finished images, on one thread, against the bare receive loop and the placement
/// of the same packets, each measured alone.
struct FrameBenchmark {
    let name: String
    let statement: String
    let isCorrected: Bool
    let repetitions: Int
    let target: Double

    func run() throws -> Measurement {
        let frames = 4
        let packets = frames * 128
        var configuration = Detectors.jungfrau(
            modules: 1, type: isCorrected ? .jungfrauConverted : .jungfrauRaw, port: isCorrected ? 20250 : 20200)
        configuration.ring.budgetBytes = 512 << 20
        let calibration = isCorrected ? PlacingBenchmark.calibration(1024 * 512) : nil
        let ring = try ImageRing(for: configuration)
        let source = try DetectorSource(configuration, into: ring, correcting: calibration)
        try source.prepare()
        var session = source.session()
        let train = PacketTrain(configuration, ports: [configuration.startUDPPort], most: packets)

        let assembler = try ImageAssembler(configuration, calibration: calibration)
        let bareRing = try ImageRing(for: configuration)
        let bareSocket = bench_bind(Int32(configuration.startUDPPort + 5000), 64 << 20)
        let bareTrain = PacketTrain(configuration, ports: [configuration.startUDPPort + 5000], most: packets)
        let batch = configuration.receive.batch
        guard let pool = bench_pool_create(8256, UInt32(batch)) else { return .impossible(name) }
        let buffers = UnsafeRawBufferPointer(start: bench_pool_base(pool), count: 8256 * batch)

        var ours: [Double] = []
        var bare: [Double] = []
        var slot = 0
        for repetition in 0..<repetitions + 10 {
            train.send(packets)
            var finished = 0
            let begin = bench_thread_time()
            while finished < frames {
                _ = try session.visitAll()
                source.deliverDue { _ in finished += 1 }
            }
            let mine = Double(bench_thread_time() - begin)

            bareTrain.send(packets)
            let beginBare = bench_thread_time()
            var received = 0
            while received < packets {
                let count = Int(bench_receive(pool, bareSocket))
                let memory = bareRing.bytes(of: slot / frames % bareRing.slotCount)
                for index in 0..<count {
                    let payload = UnsafeRawBufferPointer(rebasing: buffers[index * 8256 + 48..<index * 8256 + 8240])
                    assembler.place(stream: 0, packet: (received + index) % 128, payload: payload, into: memory)
                }
                received += count
                if received % 128 == 0 { slot += frames }
            }
            let theirs = Double(bench_thread_time() - beginBare)
            if repetition >= 10 {
                ours.append(mine / Double(frames) / 1000)
                bare.append(theirs / Double(frames) / 1000)
            }
        }
        return Measurement(
            name: name, statement: statement, unit: "µs/frame", ours: median(ours), roofline: median(bare),
            ratio: median(zip(ours, bare).map { $0 / $1 }), target: target, isLowerBound: false)
    }
}
