import DAQCore
import DAQSimulator
import Testing

@testable import DAQBuffer

@Suite("Forwarding: segments at the far end", .serialized)
struct SegmentCounterTests {
    @Test("Whatever senders say, (segment, id) goes up and ids do not jump within a segment", arguments: 0..<30)
    func hostile(seed: Int) {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        var segments = SegmentCounter()
        var last: (segment: UInt32, id: UInt64)?
        let ids: [UInt64] = [0, 1, 5, 1000, 2_000_000, 1 << 33, .max - 1, .max]
        for _ in 0..<400 {
            if random.happens(0.05) {
                let step: UInt64 = [0, 1, 100, .max].randomElement(using: &random) ?? 1
                segments.begin(step: step, maxGap: random.happens(0.5) ? .max : 10)
            }
            let sender: UInt32 = [0, 0, 0, 1, 7, 1 << 31 - 1, 1 << 31, .max].randomElement(using: &random) ?? 0
            let near = (last?.id ?? 0) &+ UInt64.random(in: 0...3, using: &random)
            let first = random.happens(0.7) ? near : ids.randomElement(using: &random) ?? 0
            let end: UInt64
            let segment: UInt32
            if random.happens(0.2) {
                end = max(first, min(.max - 1, first &+ random.next() >> UInt64.random(in: 1..<64, using: &random)))
                guard end - first < .max else { continue }
                segment = segments.segment(of: ForwardGap(segment: sender, first: first, last: end, step: 1, givenUp: 0))
            } else {
                end = first
                segment = segments.segment(of: first, in: sender)
            }
            if let last {
                #expect(segment > last.segment || (segment == last.segment && first > last.id), "seed \(seed)")
                if segment == last.segment { #expect(end - last.id <= SegmentCounter.largestSpan, "seed \(seed)") }
            }
            last = (segment, end)
        }
    }

    @Test("The segments of a sender are kept for as long as they go up, and a counter that starts again gets another one")
    func kept() {
        var segments = SegmentCounter()
        segments.begin(step: 2, maxGap: 10)
        func own(_ id: UInt64, _ segment: UInt32) -> UInt32 { segments.segment(of: id, in: segment) }
        #expect([own(2, 3), own(4, 3), own(26, 3)] == [3, 3, 3])
        // Eleven ids are left out, more than the sender calls a gap.
        #expect(own(50, 3) == 4)
        #expect([own(2, 4), own(4, 4)] == [5, 5])
        // The same sender with a new ring, whose detector goes on, and one whose detector starts again.
        segments.begin(step: 2, maxGap: 10)
        #expect([own(6, 4), own(8, 4)] == [5, 5])
        segments.begin(step: 2, maxGap: 10)
        #expect([own(2, 4), own(4, 4), own(2, 9)] == [6, 6, 9])
        // A gap with a name may be longer.
        #expect(segments.segment(of: ForwardGap(segment: 9, first: 4, last: 4_000_000, step: 2, givenUp: 3)) == 9)
        #expect(own(4_000_002, 9) == 9)
    }

    @Test("A sender that starts anew while the detector counts from the start gives no image twice the same name")
    func restart() throws {
        let format = ImageFormat(width: 7, height: 13, pixelType: .uint16)
        let far = try FarEnd(format, ForwardBench.listen())
        for _ in 0..<2 {
            let forwarder = try Forwarder(ForwardBench.connect(far.address))
            try ImageFeeder(format, to: forwarder).feed(1...3)
            try forwarder.close()
        }
        #expect(ForwardBench.wait { far.ids.count == 6 })
        #expect(far.seen.metadata.map { [UInt64($0.segment), $0.id] } == [[0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3]])
        #expect(far.images.segments == 2 && far.source.ledger.imbalance == nil && far.source.gaps.isEmpty)
        try far.stop()
    }

    @Test("Ids at both ends of all numbers harm nobody who reads the ring of the far end")
    func monstrousIDs() throws {
        let format = ImageFormat(width: 4, height: 1, pixelType: .uint8)
        let name = RingName()
        let ring = try ImageRing(creating: name.text, format: format, slots: 8)
        let source = try ForwardedSource(into: ring, ForwardBench.listen())
        let far = Pipeline(from: source, describing: ForwardBench.run(format), queueLimit: 8) {}
        try far.start()
        let attached = RingSource(try ImageRingReader(attachingTo: name.text, as: .lossless), after: 0)
        let stream = LiveStream(.dectris, binding: "tcp://127.0.0.1:*")
        let reading = Pipeline(from: attached, describing: ForwardBench.run(format), queueLimit: 8) { stream }
        try reading.start()
        let client = try StreamClient(to: stream.address)

        var options = ZMQSocketOptions()
        options.sendTimeout = 5000
        let liar = try ZMQSocket(.dealer, in: ZMQContext(), options: options)
        try liar.connect(source.statistics.address)
        func say(_ message: ForwardMessage, pixels: Bool) throws {
            #expect(try liar.send(message.encoded(stream: 7).span.bytes, more: pixels))
            if pixels { #expect(try liar.send([UInt8](repeating: 0, count: 4).span.bytes)) }
        }
        try say(.hello(ForwardHello(base: 1, format: format, partBytes: 4, step: 1, maxGap: .max, name: "liar")), pixels: false)
        for sequence in 1...40 as ClosedRange<UInt64> {
            // Each is sent when there is room for it.
            try #require(ForwardBench.wait { attached.ledger.images.published == sequence - 1 })
            var metadata = ImageMetadata(id: sequence % 2 == 1 ? 0 : .max)
            metadata.segment = sequence < 20 ? 0 : .max
            try say(.part(sequence: sequence, index: 0, metadata), pixels: true)
        }
        #expect(ForwardBench.wait { attached.ledger.images.published == 40 })
        #expect(attached.ledger.imbalance == nil && attached.ledger.images.missing == 0)
        #expect(source.ledger.imbalance == nil && source.ledger.images.segments == 40)
        far.stop()
        _ = try far.wait(milliseconds: 30_000)
        ring.end()
        #expect(try reading.wait(milliseconds: 30_000))
        withExtendedLifetime(client) {}
    }
}
