import Testing

import DAQSimulator
@testable import DAQCore

/// Random packet streams with loss, duplication, reordering, corruption and restarts: whatever happens, the ledger balances,
/// images come in order and are what was sent.
///
/// A failing case prints the seed that repeats it.
@Suite struct ReceiverPropertyTests {
    /// What is done to a stream.
    struct Faults {
        var loss = 0.0
        var duplicate = 0.0
        /// A packet may be delayed by up to so many packets of its port.
        var reorder = 0
        var corrupt = 0.0
        /// So many packets a port may be behind another one.
        var skew = 20
        /// Frame counts of the runs; the counter starts again after each.
        var runs = [12]
    }

    /// One packet on its way.
    private struct Sent {
        var run: Int
        var frame: UInt64
        var packet: Int
        var bytes: [UInt8]
        var isGood = true
    }

    private static let packets = 60..<68

    @Test(arguments: 0..<40) func losslessStreamsGiveEveryImageWhole(seed: Int) throws {
        let outcome = try run(seed: seed, Faults(duplicate: 0.05, reorder: seed % 3 * 4))
        #expect(outcome.images.count == 12, "seed \(seed)")
        #expect(outcome.images.allSatisfy { $0.metadata.status == .good }, "seed \(seed)")
        #expect(outcome.ledger.packets.placed == 12 * 8 * 3, "seed \(seed)")
        #expect(
            outcome.ledger.packets.duplicate + outcome.ledger.packets.late == UInt64(outcome.duplicates), "seed \(seed)")
    }

    @Test(arguments: 0..<60) func everyLostPacketIsNamedAndNoOther(seed: Int) throws {
        let outcome = try run(seed: seed, Faults(loss: 0.06, duplicate: 0.05, reorder: 6))
        for image in outcome.images {
            let missing = Set(image.metadata.missing.flatMap { entry in entry.packets.numbers.map { [entry.port, $0] } })
            #expect(missing == outcome.lost[[image.metadata.segment == 0 ? 0 : 1, Int(image.metadata.id)]] ?? [], "seed \(seed)")
        }
        let lost = outcome.lost.values.reduce(0) { $0 + $1.count }
        #expect(outcome.ledger.images.missingPackets + 24 * outcome.ledger.images.missing == UInt64(lost), "seed \(seed)")
    }

    /// Ports are less than a frame apart here: else what follows a very short run may look like its continuation.
    @Test(arguments: 0..<60) func restartsLoseNothing(seed: Int) throws {
        let outcome = try run(seed: seed, Faults(duplicate: 0.03, skew: 4, runs: [3 + seed % 7, 2 + seed % 5, 6]))
        let runs = [3 + seed % 7, 2 + seed % 5, 6]
        let expected = runs.enumerated().flatMap { run, count in (1...count).map { [run, $0] } }
        #expect(outcome.images.map { [Int($0.metadata.segment), Int($0.metadata.id)] } == expected, "seed \(seed)")
        #expect(outcome.images.allSatisfy { $0.metadata.status == .good }, "seed \(seed)")
    }

    @Test(arguments: 0..<60) func chaosBalances(seed: Int) throws {
        let outcome = try run(
            seed: seed, Faults(loss: 0.1, duplicate: 0.1, reorder: 40, corrupt: 0.05, runs: [8, 5, 9]))
        let ledger = outcome.ledger
        #expect(ledger.packets.received == UInt64(outcome.delivered), "seed \(seed)")
        #expect(ledger.packets.held == 0, "seed \(seed)")
        #expect(ledger.images.published == UInt64(outcome.images.count), "seed \(seed)")
    }

    /// What came out of a run, and what was done to it.
    private struct Outcome {
        var images: [TestBench.Published] = []
        var ledger = ReceiveLedger()
        /// By run and frame: port and packet of every packet that was never delivered intact.
        var lost: [[Int]: Set<[Int]>] = [:]
        var duplicates = 0
        var delivered = 0
    }

    private func run(seed: Int, _ faults: Faults) throws -> Outcome {
        var random = SplitMix64(seed: UInt64(seed))
        let bench = try TestBench(.smallJungfrau(modules: 3), slots: 24)
        var outcome = Outcome()
        var queues = (0..<3).map { stream(port: $0, faults, &random, &outcome) }
        var last: (segment: UInt32, id: UInt64)?
        var currentRun = 0
        while queues.contains(where: { !$0.isEmpty }) {
            // A run begins when the one before has arrived; detectors need longer than that to restart.
            let run = queues.compactMap { $0.first?.run }.min() ?? 0
            // The pause is longer than a stray duplicate of the run before is kept as evidence.
            if run != currentRun { bench.wait(milliseconds: 600) }
            currentRun = run
            let left = queues.map { queue in queue.prefix { $0.run == run }.count }
            let most = left.max() ?? 0
            let port = queues.indices.filter { left[$0] > most - faults.skew && left[$0] > 0 }.randomElement(using: &random)
            guard let port else { continue }
            let count = min(left[port], Int.random(in: 1...min(16, faults.skew), using: &random))
            bench.time += UInt64.random(in: 1...200_000, using: &random)
            bench.deliver(queues[port].prefix(count).map(\.bytes), to: port, isEmpty: Bool.random(using: &random))
            outcome.delivered += count
            queues[port].removeFirst(count)
            #expect(bench.ledger.imbalance == nil, "seed \(seed)")
            outcome.images += bench.published()
        }
        bench.wait(milliseconds: 700)
        bench.finish()
        outcome.images += bench.published()
        outcome.ledger = bench.ledger
        #expect(outcome.ledger.imbalance == nil, "seed \(seed)")
        for image in outcome.images {
            let key = (image.metadata.segment, image.metadata.id)
            if let last { #expect(last < key, "seed \(seed): images out of order") }
            last = key
            checkPixels(image, seed: seed)
        }
        return outcome
    }

    /// Every packet's pixels are those of this very image, or the missing value.
    private func checkPixels(_ image: TestBench.Published, seed: Int) {
        for port in 0..<3 {
            let missing = image.metadata.missing.first { $0.port == port }?.packets ?? PacketSet()
            for packet in Self.packets {
                let value =
                    missing.contains(packet) ? 0xFFFF : pixelValue(frame: image.metadata.id, port: port, packet: packet)
                let begin = (port * 32 + (packet - 60) * 4) * 1024 * 2
                let block = image.pixels[begin..<begin + 8192]
                let isRight = block.withUnsafeBytes { $0.bindMemory(to: UInt16.self).allSatisfy { $0 == value } }
                #expect(isRight, "seed \(seed): image \(image.metadata.id), port \(port), packet \(packet)")
            }
        }
    }

    /// The packets of one port in the order they arrive.
    private func stream(
        port: Int, _ faults: Faults, _ random: inout SplitMix64, _ outcome: inout Outcome
    ) -> [Sent] {
        var stream: [Sent] = []
        for (run, count) in faults.runs.enumerated() {
            var part: [(key: Double, sent: Sent)] = []
            for frame in 1...UInt64(count) {
                for packet in Self.packets {
                    let bytes = standardDatagram(
                        frame: frame, packet: packet, value: pixelValue(frame: frame, port: port, packet: packet))
                    var sent = Sent(run: run, frame: frame, packet: packet, bytes: bytes)
                    let position = Double(part.count)
                    if random.happens(faults.loss) || corrupt(&sent, faults, &random) {
                        outcome.lost[[run, Int(frame)], default: []].insert([port, packet])
                        if sent.isGood { continue }
                    }
                    let delay = faults.reorder > 0 ? Double.random(in: 0...Double(faults.reorder), using: &random) : 0
                    part.append((position + delay, sent))
                    if sent.isGood, random.happens(faults.duplicate) {
                        outcome.duplicates += 1
                        part.append((position + delay + 0.5, sent))
                    }
                }
            }
            stream += part.sorted { $0.key < $1.key }.map(\.sent)
        }
        return stream
    }

    /// Damages a packet so that it cannot be taken for a good one.
    private func corrupt(_ sent: inout Sent, _ faults: Faults, _ random: inout SplitMix64) -> Bool {
        guard random.happens(faults.corrupt) else { return false }
        sent.isGood = false
        switch Int.random(in: 0..<4, using: &random) {
        case 0: sent.bytes.removeLast(Int.random(in: 1...sent.bytes.count, using: &random))
        case 1: sent.bytes += [0]
        case 2: sent.bytes[47] = 9
        default: for offset in 0..<8 { sent.bytes[offset] = UInt8.random(in: 0...255, using: &random) }
        }
        return true
    }
}
