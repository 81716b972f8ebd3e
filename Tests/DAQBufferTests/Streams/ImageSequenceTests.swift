import DAQCore
import Testing

@testable import DAQBuffer

@Suite("Order of streamed images")
struct ImageSequenceTests {
    /// What a stream would do with ids, as text: `7` published, `|` a new segment, `7d` duplicate, `7l` late.
    private struct Run {
        var sequence: ImageSequence
        var told: [String] = []
        var segment: UInt32 = 0
        var now: UInt64 = 0

        init(isOrdered: Bool, step: UInt64 = 1, window: Int = 4, maxGap: UInt64 = 100) {
            var configuration = DetectorConfiguration(
                name: "camera", receiving: ImageFormat(width: 2, height: 2, pixelType: .uint8),
                from: SourceConfiguration(address: "tcp://camera:1", format: .array10))
            configuration.imageIDStep = step
            configuration.receive.window = window
            configuration.maxIDGap = maxGap
            configuration.syncTimeout = 10
            sequence = ImageSequence(configuration, isOrdered: isOrdered)
        }

        mutating func publish(_ metadata: ImageMetadata) {
            if metadata.segment != segment { told.append("|") }
            segment = metadata.segment
            told.append("\(metadata.id)")
        }

        mutating func take(_ id: UInt64, slot: Int? = 0) {
            now += 1
            switch sequence.verdict(on: id) {
            case .duplicate: told.append("\(id)d")
            case .late: told.append("\(id)l")
            case .expected:
                var published: [ImageMetadata] = []
                let place = slot.map { ImageSequence.Arrival.Place.slot($0) } ?? .lost(.noFreeSlot)
                sequence.insert(.init(place: place, metadata: ImageMetadata(id: id), at: now)) { published.append($1) }
                for metadata in published { publish(metadata) }
            }
        }

        mutating func finish() {
            var published: [ImageMetadata] = []
            sequence.finish { published.append($1) }
            for metadata in published { publish(metadata) }
        }

        var text: String { told.joined(separator: " ") }
    }

    @Test("Over one connection every image is passed on at once, and gaps are counted")
    func ordered() {
        var run = Run(isOrdered: true)
        for id in [5, 6, 6, 9, 10] as [UInt64] { run.take(id) }
        #expect(run.text == "5 6 6d 9 10")
        #expect(run.sequence.ledger.expected == 6)
        #expect(run.sequence.ledger.missing == 2)
        #expect(run.sequence.ledger.complete == 4)
        #expect(run.sequence.ledger.segments == 1)
    }

    @Test("Ids that begin again, or jump too far, open a segment")
    func segments() {
        var run = Run(isOrdered: true)
        for id in [50, 51, 1, 2, 500, 501] as [UInt64] { run.take(id) }
        #expect(run.text == "50 51 | 1 2 | 500 501")
        #expect(run.sequence.ledger.missing == 0)
        #expect(run.sequence.ledger.expected == 6)
        #expect(run.sequence.ledger.segments == 3)
    }

    @Test("Over several connections images are sorted within the window, later ones are late")
    func sorted() {
        var run = Run(isOrdered: false)
        for id in [2, 1, 4, 3, 5, 7, 6, 9, 6, 9] as [UInt64] { run.take(id) }
        run.finish()
        #expect(run.text == "1 2 3 4 5 6 7 6l 9d 9")
        #expect(run.sequence.ledger.missing == 1)
        #expect(run.sequence.ledger.imbalance == nil)
    }

    @Test("An id far behind the window is a restart, not a late image")
    func restartOverSeveralConnections() {
        var run = Run(isOrdered: false)
        for id in [101, 102, 103, 104, 105, 106, 1, 2] as [UInt64] { run.take(id) }
        run.finish()
        #expect(run.text == "101 102 103 104 105 106 | 1 2")
    }

    @Test("An image waits for those before it only until its time is over")
    func timeout() {
        var run = Run(isOrdered: false)
        run.take(1)
        run.now += 20
        var published: [UInt64] = []
        run.sequence.settle(at: run.now) { published.append($1.id) }
        run.take(3)
        run.sequence.settle(at: run.now + 9) { published.append($1.id) }
        #expect(published == [1])
        run.sequence.settle(at: run.now + 10) { published.append($1.id) }
        #expect(published == [1, 3])
        #expect(run.sequence.ledger.missing == 1)
    }

    @Test("Ids are counted at the step")
    func steps() {
        var run = Run(isOrdered: true, step: 4)
        for id in [100, 104, 112] as [UInt64] { run.take(id) }
        #expect(run.sequence.ledger.expected == 4)
        #expect(run.sequence.ledger.missing == 1)
    }

    @Test("An image without a slot is counted as dropped")
    func noSlot() {
        var run = Run(isOrdered: true)
        run.take(1)
        run.take(2, slot: nil)
        #expect(run.text == "1")
        #expect(run.sequence.ledger.dropped == [.noFreeSlot: 1])
        #expect(run.sequence.ledger.imbalance == nil)
    }

    @Test(
        "Whatever the ids are, every accepted image comes out once and the ledger balances",
        arguments: 1...20 as ClosedRange<UInt64>)
    func anyIDs(seed: UInt64) {
        var state = seed
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var run = Run(isOrdered: seed.isMultiple(of: 2), step: random() % 3 + 1, window: Int(random() % 8) + 1)
        var accepted = 0
        for _ in 0..<500 {
            let ids = [random() % 20, random() % 2000, .max - random() % 20, 1 << 40 + random() % 50]
            let id = ids[Int(random() % 4)]
            if run.sequence.verdict(on: id) == .expected { accepted += 1 }
            run.take(id)
        }
        run.finish()
        #expect(run.told.filter { $0 != "|" && !$0.hasSuffix("d") && !$0.hasSuffix("l") }.count == accepted, "seed \(seed)")
        #expect(run.sequence.ledger.imbalance == nil, "seed \(seed)")
        #expect(run.sequence.ledger.complete == UInt64(accepted))
    }
}
