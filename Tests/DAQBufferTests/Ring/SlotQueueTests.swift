import Testing

@testable import DAQBuffer

/// The decisions of a ring's owner, without memory, clocks and processes.
@Suite struct SlotQueueTests {
    /// SplitMix64.
    private struct Random {
        var state: UInt64
        mutating func next(below limit: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((z ^ (z >> 31)) % UInt64(limit))
        }
    }

    /// Claims, publications, abandonments and leases in any order: a slot is never given twice, never while it is leased, and a
    /// claim fails exactly when there is no slot for it.
    @Test func anyOrderOfEventsKeepsEverySlotAccountedFor() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Random(state: seed)
        for _ in 0..<50 {
            let count = 1 + random.next(below: 12)
            var queue = SlotQueue(Array(0..<count))
            var leased = Set<Int>()
            var filling = Set<Int>()
            var held = Set<Int>()
            for _ in 0..<500 {
                switch random.next(below: 6) {
                case 0, 1:
                    let available = Set(0..<count).subtracting(filling).subtracting(held).subtracting(leased)
                    let slot = queue.claim { !leased.contains($0) }
                    if let slot {
                        #expect(available.contains(slot), "seed \(seed)")
                        filling.insert(slot)
                    } else {
                        #expect(available.isEmpty, "seed \(seed)")
                    }
                case 2:
                    guard let slot = filling.randomElement() else { continue }
                    filling.remove(slot)
                    queue.hold(slot)
                    held.insert(slot)
                case 3:
                    guard let slot = filling.union(held).randomElement() else { continue }
                    filling.remove(slot)
                    held.remove(slot)
                    queue.giveBack(slot, isQueued: true)
                case 4: leased.insert(random.next(below: count))
                default: leased.remove(random.next(below: count))
                }
                #expect(queue.freeCount == count - filling.count - held.count, "seed \(seed)")
            }
        }
    }

    @Test func whatReadersGiveBackIsUsedBeforeWhatIsYounger() {
        var queue = SlotQueue([0, 1, 2, 3])
        var leased: Set = [0]
        let take = { (slot: Int) in !leased.contains(slot) }
        #expect(queue.claim(take) == 1)
        leased = []
        #expect(queue.claim(take) == 0, "it holds the oldest image")
        #expect(queue.claim(take) == 2)
    }

    @Test func inTheOtherLayoutAnIDHasOneSlot() {
        var queue = SlotQueue([0, 1])
        #expect(queue.claim(1) { _ in true } == 1)
        #expect(queue.claim(1) { _ in true } == nil, "it is being filled")
        queue.hold(1)
        #expect(queue.claim(1) { _ in true } == nil, "it is held")
        queue.giveBack(1, isQueued: false)
        #expect(queue.claim(1) { _ in false } == nil, "a reader asks for it")
        #expect(queue.claim(1) { _ in true } == 1)
    }

    @Test func publicationsAreNumberedOverOwners() {
        typealias Entry = PublicationCounter.Entry
        var first = PublicationCounter(idStep: 10, maxGap: 100)
        #expect(first.publish(segment: 0, id: 1000) == Entry(publication: 1, segment: 0, idsSkipped: 0))
        #expect(first.publish(segment: 0, id: 1010) == Entry(publication: 2, segment: 0, idsSkipped: 0))
        #expect(first.publish(segment: 0, id: 1050) == Entry(publication: 3, segment: 0, idsSkipped: 3))
        #expect(first.publish(segment: 1, id: 2000) == Entry(publication: 4, segment: 1, idsSkipped: 0), "a restart")
        var second = PublicationCounter(idStep: 10, maxGap: 100, after: (4, ImageIdentity(segment: 1, id: 2000)))
        #expect(second.publish(segment: 0, id: 2030) == Entry(publication: 5, segment: 2, idsSkipped: 2))
        #expect(second.publish(segment: 0, id: 2040) == Entry(publication: 6, segment: 2, idsSkipped: 0))
        var far = PublicationCounter(idStep: 10, maxGap: 100, after: (4, ImageIdentity(segment: 1, id: 2000)))
        #expect(far.publish(segment: 0, id: 9_000_000).idsSkipped == 0, "another count")
        var back = PublicationCounter(idStep: 10, maxGap: 100, after: (4, ImageIdentity(segment: 1, id: 2000)))
        #expect(back.publish(segment: 0, id: 10) == Entry(publication: 5, segment: 2, idsSkipped: 0))
    }

    @Test func bytesOfAnnotationsMayBeAnything() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Random(state: seed)
        for _ in 0..<2000 {
            let bytes = (0..<random.next(below: 60)).map { _ in UInt8(random.next(below: 8) == 0 ? 255 : random.next(below: 6)) }
            #expect(AnnotationBlob.annotations(in: bytes).count <= bytes.count, "seed \(seed)")
        }
    }
}
