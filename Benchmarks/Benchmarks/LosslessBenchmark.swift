import CDAQBench
import DAQBuffer
import DAQCore

/// The library at a share of the highest rate at which the bare receive loop loses nothing, for a minute: no packet is lost,
/// the ledger balances, and memory does not grow.
struct LosslessBenchmark {
    let name: String
    let isCorrected: Bool
    let port: Int
    /// Share of the bare loop's rate.
    let share: Double
    let seconds: Double

    /// Memory may grow by as much and be called flat: stacks and buffers of the C library.
    private static let tolerance = 1048576.0

    /// Nanoseconds of the sender, and resident bytes of this process after a tenth and at the end.
    private struct Sent {
        let elapsed, cpu, early, late: UInt64
    }

    func run() throws -> [any ResultLine] {
        let bareRate = try LosslessRate(port: port + 5000).search()
        var configuration = Detectors.jungfrau(modules: 1, type: isCorrected ? .jungfrauConverted : .jungfrauRaw, port: port)
        configuration.ring.budgetBytes = 1 << 30
        let source = try DetectorSource(
            configuration, into: try ImageRing(for: configuration),
            correcting: isCorrected ? PlacingBenchmark.calibration(1024 * 512) : nil)
        try source.prepare()
        let format = configuration.packetFormat(of: configuration.streams[0])
        let wanted = share * bareRate
        let frames = UInt64(seconds * wanted * 1e9) / UInt64(format.packets.count * format.maximumDatagramBytes)
        let sending = PinnedThread { [configuration] in
            defer { source.stop() }
            let sender = try PacedSender(configuration, port: configuration.startUDPPort)
            let first = try sender.send(frames / 10, rate: wanted)
            let early = bench_resident_bytes()
            let rest = try sender.send(frames - frames / 10, rate: wanted)
            return Sent(
                elapsed: first.elapsed + rest.elapsed, cpu: first.cpu + rest.cpu, early: early, late: bench_resident_bytes())
        }
        let cpuBefore = bench_process_time()
        sending.start()
        // This thread, and those that it starts, are on the second processor.
        try source.run { _ in }
        let sent = try sending.value()
        let cpu = Double(bench_process_time() - cpuBefore - sent.cpu)

        let ledger = source.ledger
        guard ledger.imbalance == nil else { throw BenchmarkFailure("\(name): the ledger does not balance: \(ledger)") }
        let packets = frames * UInt64(format.packets.count)
        let lost = packets - min(packets, ledger.packets.placed)
        let rate = Double(packets) * Double(format.maximumDatagramBytes) / Double(sent.elapsed)
        let growth = Double(sent.late) - Double(sent.early)
        // A sender that could not keep its pace has shown less than was asked for.
        let holds = lost == 0 && ledger.images.complete == frames && growth <= Self.tolerance && rate >= 0.98 * wanted
        let content = isCorrected ? "corrected" : "raw"
        let pace = rate >= 0.98 * wanted ? "" : " (the sender did not keep its pace, so this shows nothing; is the machine busy?)"
        return [
            Measurement(
                name: name,
                statement: "lossless, \(content), for \(Int(seconds)) s at \(share) of the bare loop's highest lossless rate: "
                    + "\(lost) of \(packets) packets lost, \(Int(Double(packets) / Double(sent.elapsed) * 1e9)) packets/s, "
                    + "\(Int(cpu / Double(sent.elapsed) * 100)) % of a processor, memory \(Int(growth / 1024)) KiB more at the end\(pace)",
                unit: "GB/s", ours: rate, roofline: bareRate, ratio: rate / bareRate,
                goal: .condition("0 lost at \(share)", holds: holds),
                details: [
                    "seconds": Double(sent.elapsed) / 1e9, "packets": Double(packets), "lost": Double(lost),
                    "kernelDropped": Double(ledger.packets.kernelDropped),
                    "incompleteImages": Double(frames) - Double(ledger.images.complete),
                    "processorShare": cpu / Double(sent.elapsed), "residentEarly": Double(sent.early),
                    "residentLate": Double(sent.late),
                ])
        ]
    }
}
