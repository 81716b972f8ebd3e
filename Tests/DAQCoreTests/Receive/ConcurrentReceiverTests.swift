import DAQBuffer
import Synchronization
import Testing

import DAQSimulator
@testable import DAQCore

/// Several receiving threads that fill the same images: real threads, real time, random faults.
@Suite struct ConcurrentReceiverTests {
    private static let packets = 60..<68

    /// What is done to the streams of all threads.
    private struct Plan: Sendable {
        var seed: UInt64
        var loss = 0.0
        var duplicate = 0.0
        var reorder = 0
        var wild = 0.0
        var frames: UInt64 = 60
        var runs = 1
        /// So many frames a port may be ahead of the slowest one; `nil` lets threads run as they are scheduled.
        var lead: UInt64?
    }

    @Test(arguments: 0..<6) func portsInStepLoseNothing(seed: Int) throws {
        let runs = 1 + seed % 3
        let outcome = try run(
            Plan(seed: UInt64(seed), duplicate: 0.05, reorder: seed % 2 * 4, frames: 40, runs: runs, lead: 1),
            threads: 2 + seed % 3)
        #expect(
            outcome.keys == (0..<runs).flatMap { run in (1...40).map { ImageKey(segment: UInt32(run), id: $0) } }, "seed \(seed)")
        #expect(outcome.ledger.images.partial == 0, "seed \(seed)")
    }

    @Test(arguments: 0..<8) func whateverHappensImagesAreTrueAndNothingIsLeftBehind(seed: Int) throws {
        let outcome = try run(
            Plan(
                seed: UInt64(seed), loss: 0.05, duplicate: 0.1, reorder: 30, wild: 0.02, frames: 50, runs: 1 + seed % 3,
                lead: seed % 4 == 0 ? nil : 2), threads: 2 + seed % 3)
        #expect(outcome.ledger.images.published == UInt64(outcome.keys.count), "seed \(seed)")
        #expect(!outcome.keys.isEmpty, "seed \(seed)")
    }

    private struct Outcome {
        var keys: [ImageKey] = []
        var ledger = ReceiveLedger()
    }

    private func run(_ plan: Plan, threads: Int) throws -> Outcome {
        let configuration = DetectorConfiguration.smallJungfrau(modules: 2 * threads)
        let assembler = try ImageAssembler(configuration, calibration: nil)
        let slots = 16
        let ring = try ImageRing(format: assembler.format, slotBytes: assembler.slotBytes, slots: slots)
        for slot in 0..<slots { assembler.prepare(ring.bytes(of: slot)) }
        let board = ImageBoard(
            ImageSynchronizer(
                configuration, packets: configuration.placedStreams.map { configuration.packetFormat(of: $0).packets },
                slots: slots))
        let counters = Mutex(PacketLedger())
        let delivered = Atomic(0)
        let progress = Progress(ports: 2 * threads)
        let workers = try (0..<threads).map { thread in
            try DataThread(name: "recv-\(thread)") {
                var group = PortGroup(
                    configuration, indexes: 2 * thread..<2 * thread + 2, format: { configuration.packetFormat(of: $0) },
                    assembler: assembler, board: board, buffer: ring)
                let count = Self.feed(&group, first: 2 * thread, plan, progress, ring)
                group.finish()
                delivered.add(count, ordering: .relaxed)
                counters.withLock { [ledger = group.counters.ledger] in $0 += ledger }
            }
        }
        let finisher = try DataThread(name: "finisher") {
            for worker in workers { worker.join() }
            board.finish()
        }
        var outcome = Outcome()
        var kept: [Image] = []
        while let decisions = board.nextDecisions() {
            for decision in decisions {
                switch decision {
                case .abandon(let slot): ring.abandon(slot)
                case .publish(let slot, let metadata):
                    assembler.finish(ring.bytes(of: slot), missing: metadata.missing)
                    kept.append(ring.publish(slot, metadata))
                    outcome.keys.append(ImageKey(segment: metadata.segment, id: metadata.id))
                }
            }
            // Images are looked at some time after they were published: nobody may write to them then.
            while kept.count > 3 { check(kept.removeFirst(), plan) }
        }
        finisher.join()
        for image in kept { check(image, plan) }
        kept = []
        outcome.ledger.packets = counters.withLock { $0 }
        outcome.ledger.images = board.ledger
        #expect(outcome.ledger.imbalance == nil, "seed \(plan.seed)")
        #expect(outcome.ledger.packets.held == 0, "seed \(plan.seed)")
        #expect(outcome.ledger.packets.received == UInt64(delivered.load(ordering: .relaxed)), "seed \(plan.seed)")
        #expect(zip(outcome.keys, outcome.keys.dropFirst()).allSatisfy { $0 < $1 }, "seed \(plan.seed): out of order")
        #expect(ring.freeCount == slots, "seed \(plan.seed): slots are lost")
        return outcome
    }

    /// How far each port has got, in frames over all runs.
    private final class Progress: Sendable {
        private let frames: Mutex<[UInt64]>
        init(ports: Int) { frames = Mutex(Array(repeating: 0, count: ports)) }
        func report(_ port: Int, _ frame: UInt64) { frames.withLock { $0[port] = frame } }
        var slowest: UInt64 { frames.withLock { $0.min() ?? 0 } }
    }

    /// Delivers the streams of two ports in visits, and says how many datagrams there were.
    private static func feed(
        _ group: inout PortGroup<StandardPacketFormat>, first: Int, _ plan: Plan, _ progress: Progress, _ ring: ImageRing
    ) -> Int {
        var random = SplitMix64(seed: plan.seed &* 1000 &+ UInt64(first))
        var queues = (first..<first + 2).map { stream(port: $0, plan, &random)[...] }
        var delivered = 0
        while queues.contains(where: { !$0.isEmpty }) {
            for port in 0..<2 {
                var count = 0
                let time = Clock.monotonic()
                let limit = plan.lead.map { $0 + progress.slowest } ?? .max
                // In step, nothing is sent that the ring has no room for: whoever looks at images is slow.
                let most = plan.lead == 1 && ring.freeCount < ring.slotCount / 2 ? 0 : Int.random(in: 0...8, using: &random)
                // The first frames of a run come when all ports have seen the end of the one before.
                while count < most, let (position, bytes) = queues[port].first, position <= limit,
                    !isNewRun(position, progress, plan)
                {
                    bytes.withUnsafeBytes { group.receive($0, on: port, at: time) }
                    queues[port].removeFirst()
                    count += 1
                }
                delivered += count
                progress.report(first + port, queues[port].first.map { $0.position - 1 } ?? .max / 2)
                group.endVisit(of: port, at: time, isEmpty: count < 8)
            }
        }
        return delivered
    }

    private static func isNewRun(_ position: UInt64, _ progress: Progress, _ plan: Plan) -> Bool {
        (position - 1) % plan.frames == 0 && progress.slowest < position - 1
    }

    /// The datagrams of one port, each with the position of its frame in all runs.
    private static func stream(port: Int, _ plan: Plan, _ random: inout SplitMix64) -> [(position: UInt64, bytes: [UInt8])] {
        var stream: [(position: UInt64, bytes: [UInt8])] = []
        for run in 0..<UInt64(plan.runs) {
            var part: [(order: Double, position: UInt64, bytes: [UInt8])] = []
            for frame in 1...plan.frames {
                for packet in packets {
                    if random.happens(plan.loss) { continue }
                    let isWild = random.happens(plan.wild)
                    let bytes = standardDatagram(
                        frame: isWild ? random.next() : frame, packet: packet,
                        value: pixelValue(frame: frame, port: port, packet: packet))
                    let order =
                        Double(part.count) + (plan.reorder > 0 ? Double.random(in: 0...Double(plan.reorder), using: &random) : 0)
                    part.append((order, run * plan.frames + frame, bytes))
                    // The last ones of a run are not doubled: a stray copy that comes with a restart could be taken for new.
                    if frame < plan.frames - 8, !isWild, random.happens(plan.duplicate) {
                        part.append((order + 0.5, run * plan.frames + frame, bytes))
                    }
                }
            }
            stream += part.sorted { $0.order < $1.order }.map { ($0.position, $0.bytes) }
        }
        // A port is as far as its farthest packet.
        var farthest: UInt64 = 0
        for index in stream.indices {
            farthest = max(farthest, stream[index].position)
            stream[index].position = farthest
        }
        return stream
    }

    /// Every packet's pixels are those of this very image, or the missing value.
    private func check(_ image: Image, _ plan: Plan) {
        let ports = image.format.height / 32
        image.withPixels(as: UInt16.self) { pixels in
            for port in 0..<ports {
                let missing = image.metadata.missing.first { $0.port == port }?.packets ?? PacketSet()
                for packet in Self.packets {
                    let begin = (port * 32 + (packet - 60) * 4) * 1024
                    let value =
                        missing.contains(packet) ? 0xFFFF : pixelValue(frame: image.metadata.id, port: port, packet: packet)
                    for index in stride(from: begin, to: begin + 4096, by: 117) where pixels[index] != value {
                        Issue.record("seed \(plan.seed): image \(image.metadata.id), port \(port), packet \(packet)")
                        break
                    }
                }
            }
        }
    }
}
