import DAQBuffer
import Synchronization
import Testing

@testable import DAQCore

/// Waiting for a slot of a full ring (`ring.wait`).
@Suite("Slot patience")
struct SlotPatienceTests {
    /// A rest of half a millisecond, told and not taken, during which something may happen.
    private final class Rests: Sendable {
        private let done = Mutex(0)
        private let happening: @Sendable (Int) -> Void

        init(_ happening: @escaping @Sendable (Int) -> Void = { _ in }) { self.happening = happening }

        var count: Int { done.withLock { $0 } }

        func rest() -> UInt64 {
            happening(
                done.withLock { count in
                    count += 1
                    return count
                })
            return 500_000
        }
    }

    @Test("The time is one for all images until it is refilled")
    func budget() {
        let rests = Rests()
        var patience = SlotPatience(2_100_000, rest: rests.rest)
        var asked: [Bool] = []
        func ask(_ answers: Int) -> Bool {
            var left = answers
            asked = []
            return patience.ask { asksAgain in
                asked.append(asksAgain)
                left -= 1
                return left >= 0
            } while: {
                $0
            }
        }
        let found = ask(2)
        #expect(!found && asked == [true, true, true] && rests.count == 2)
        let refused = ask(100)
        #expect(refused && asked == [true, true, true, false] && rests.count == 5)
        let refusedAtOnce = ask(100)
        #expect(refusedAtOnce && asked == [false] && rests.count == 5)
        patience.refill()
        _ = ask(100)
        #expect(rests.count == 10)
    }

    @Test("No patience asks once")
    func none() {
        let rests = Rests()
        var patience = SlotPatience(0, rest: rests.rest)
        let answer = patience.ask({ $0 }, while: { _ in true })
        #expect(!answer && rests.count == 0)
    }

    @Test("An image waits for a slot; a ring that stays full costs images and no packets")
    func fullRing() throws {
        let configuration = DetectorConfiguration.smallJungfrau(modules: 1, rows: 8)
        let ring = Mutex<ImageRing?>(nil)
        let held = Mutex<[Int]>([])
        let rests = Rests { count in
            // What a sink does while the receiver waits.
            guard count == 3, let slot = held.withLock({ $0.popLast() }) else { return }
            ring.withLock { $0?.abandon(slot) }
        }
        let bench = try TestBench(configuration, slots: 8, patience: SlotPatience(2_000_000, rest: rests.rest))
        ring.withLock { $0 = bench.ring }
        held.withLock { held in
            while let slot = bench.ring.claim(for: 0) { held.append(slot) }
        }
        func deliver(_ frame: UInt64, isEmpty: Bool) {
            let packets = (63..<65).map { standardDatagram(frame: frame, packet: $0, value: 1) }
            bench.deliver(packets, to: 0, isEmpty: isEmpty)
        }
        deliver(1, isEmpty: false)
        #expect(rests.count == 3, "a slot came")
        deliver(2, isEmpty: false)
        #expect(rests.count == 4, "half a millisecond was left")
        deliver(3, isEmpty: true)
        #expect(rests.count == 4, "none was left")
        deliver(4, isEmpty: true)
        #expect(rests.count == 8, "the socket was found empty, so there is time again")
        bench.finish()
        #expect(bench.published().map(\.metadata.id) == [1])
        let ledger = bench.ledger
        #expect(ledger.images.dropped == [.noFreeSlot: 3] && ledger.images.complete == 1)
        #expect(ledger.packets.placed == 2 && ledger.packets.discarded == [.noFreeSlot: 6])
        #expect(ledger.imbalance == nil)
        ring.withLock { $0 = nil }
    }
}
