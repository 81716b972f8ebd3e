import DAQCore
import DAQSimulator
import Glibc
import Testing

@testable import DAQBuffer

@Suite("Forwarding over loopback", .serialized)
struct ForwardingTests {
    static let odd = [
        ImageFormat(width: 1, height: 1, pixelType: .uint8), ImageFormat(width: 7, height: 13, pixelType: .uint16),
        ImageFormat(width: 1031, height: 1033, pixelType: .float32), ImageFormat(width: 4097, height: 1, pixelType: .uint8),
    ]

    @Test("Images of any size arrive byte by byte, whole and in parts", arguments: odd, [0, 1000, 4096])
    func sizes(format: ImageFormat, partBytes: Int) throws {
        // A million parts of one byte are nobody's intention.
        let partBytes = format.bytes / 65_536 > partBytes ? 4096 : partBytes
        let far = try FarEnd(format, ForwardBench.listen(), once: true)
        let forwarder = try Forwarder(ForwardBench.connect(far.address) { $0.partBytes = partBytes })
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed(1...20)
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...20))
        #expect(far.seen.wrong.isEmpty)
        #expect(far.images.complete == 20 && far.source.ledger.imbalance == nil)
        #expect(forwarder.backlog == SinkBacklog())
        let parts = UInt64(20 * ((format.bytes - 1) / (partBytes == 0 ? format.bytes : partBytes) + 1))
        #expect(forwarder.statistics.parts == parts && far.source.statistics.parts == parts)
    }

    @Test("The far end may connect as well, and either end may come first")
    func sides() throws {
        let format = Self.odd[1]
        let forwarder = try Forwarder(ForwardBench.listen { $0.patience = 30 })
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed(1...3)
        let far = try FarEnd(format, ForwardBench.connect(forwarder.statistics.address) { $0.connections = 3 }, once: true)
        try feeder.feed(4...30)
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...30) && far.seen.wrong.isEmpty)
    }

    @Test("A ring in which each id has its place is refused before anybody connects")
    func stdDAQRing() throws {
        let name = RingName()
        let camera = SourceConfiguration(address: "tcp://camera:1", format: .bsread)
        var detector = DetectorConfiguration(name: name.text, receiving: Self.odd[1], from: camera)
        detector.ring.layout = .stdDAQ
        let ring = try ImageRing(creating: name.text, for: detector)
        let source = try ForwardedSource(into: ring, ForwardBench.listen())
        #expect(throws: ForwardError.layout) { try source.prepare() }
    }

    @Test("Metadata arrive exactly, over a relay as well")
    func relay() throws {
        let format = Self.odd[1]
        let last = try FarEnd(format, ForwardBench.listen(), once: true)
        let (middle, pipeline) = try Self.relay(ForwardBench.listen(), to: last, format)
        let forwarder = try Forwarder(ForwardBench.connect(middle.statistics.address) { $0.partBytes = 64 })
        let feeder = try ImageFeeder(format, to: forwarder)
        var random = SplitMix64(seed: 5)
        var sent: [ImageMetadata] = []
        var id: UInt64 = 0
        for _ in 0..<60 {
            id += id % 10 == 9 ? 3 : 1
            try feeder.feed(id) { metadata in
                let id = metadata.id
                metadata = ForwardMessageTests.metadata(&random)
                (metadata.id, metadata.segment, metadata.chainRevision) = (id, 2, 77)
                sent.append(metadata)
            }
        }
        try forwarder.close()
        try pipeline.wait(milliseconds: 30_000)
        #expect(try last.finish())
        #expect(last.seen.metadata == sent)
        #expect(last.seen.wrong.isEmpty)
        // The ids that nobody sent are known two hosts away.
        #expect(last.images.missing == middle.ledger.images.missing && last.images.missing > 0)
        #expect(last.source.gaps == middle.gaps)
        #expect(last.source.ledger.imbalance == nil)
    }

    private static func relay(
        _ options: ForwardOptions, to last: FarEnd, _ format: ImageFormat
    ) throws -> (ForwardedSource, Pipeline) {
        let ring = try ImageRing(format: format, slots: 8)
        let source = try ForwardedSource(into: ring, options, endsWithSender: true)
        let forwarder = try Forwarder(ForwardBench.connect(last.address), relaying: source)
        let pipeline = Pipeline(from: source, describing: ForwardBench.run(format), queueLimit: 8) { forwarder }
        try pipeline.start()
        return (source, pipeline)
    }

    @Test("A relay tells which ids its sender gave up behind the last image")
    func relayedEnd() throws {
        let format = Self.odd[1]
        let last = try FarEnd(format, ForwardBench.listen(), once: true)
        // The last image waits for a relay that is not there yet, and those behind it are given up.
        let forwarder = try Forwarder(
            ForwardBench.listen {
                $0.window = 1
                $0.patience = 0
            })
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed(1...5)
        #expect(forwarder.backlog.dropped == [.tooSlow: 4])
        let (middle, pipeline) = try Self.relay(ForwardBench.connect(forwarder.statistics.address), to: last, format)
        try forwarder.close()
        try pipeline.wait(milliseconds: 30_000)
        #expect(try last.finish())
        #expect(middle.ledger.images.dropped == [.notForwarded: 4] && middle.ledger.images.complete == 1)
        // They never reached the relay: to the last host they are missing.
        #expect(last.source.gaps == [ForwardGap(segment: 0, first: 2, last: 5, step: 1, givenUp: 0)])
        #expect(last.images.missing == 4 && last.images.expected == 5 && last.source.ledger.imbalance == nil)
    }

    @Test("Missing ids are known as soon as the next image comes, by name")
    func gaps() throws {
        let format = Self.odd[1]
        let far = try FarEnd(format, ForwardBench.listen())
        let forwarder = try Forwarder(ForwardBench.connect(far.address))
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed([1, 2, 7, 8, 10])
        #expect(ForwardBench.wait { far.ids.count == 5 })
        #expect(far.source.gaps.map { [$0.first, $0.last] } == [[3, 6], [9, 9]])
        #expect(far.images.missing == 5 && far.images.expected == 10 && far.images.complete == 5)
        try forwarder.close()
        try far.stop()
    }

    @Test("A far end that takes nothing costs images, each counted and named, and holds no more than its share")
    func slow() throws {
        let format = Self.odd[1]
        let far = try FarEnd(format, slots: 4, ForwardBench.listen(), holds: true)
        let forwarder = try Forwarder(
            ForwardBench.connect(far.address) {
                $0.window = 3
                $0.patience = 0.1
            })
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed(1...4)
        #expect(ForwardBench.wait { far.ids.count == 4 })
        // The slots there are full now; the window here takes three more.
        try feeder.feed(5...50)
        #expect(feeder.ring.slotCount - feeder.ring.freeCount <= 3)
        #expect(forwarder.backlog.dropped == [.tooSlow: 43] && forwarder.backlog.waiting == 3)
        far.release()
        #expect(ForwardBench.wait { far.ids.count == 7 && !far.source.gaps.isEmpty })
        let gap = ForwardGap(segment: 0, first: 8, last: 50, step: 1, givenUp: 43)
        #expect(far.source.gaps == [gap])
        #expect(far.images.dropped == [.notForwarded: 43] && far.images.complete == 7)
        #expect(far.source.ledger.imbalance == nil)
        far.release()
        try feeder.feed(51)
        #expect(ForwardBench.wait { far.ids.last == 51 })
        try forwarder.close()
        try far.stop()
    }

    @Test("Nobody there: the run goes on, and what was not confirmed is counted")
    func nobody() throws {
        let format = Self.odd[1]
        let forwarder = try Forwarder(
            ForwardBench.connect("tcp://127.0.0.1:9") {
                $0.window = 2
                $0.patience = 0.05
                $0.farewell = 0.2
            })
        let feeder = try ImageFeeder(format, to: forwarder)
        try feeder.feed(1...100)
        try forwarder.close()
        #expect(forwarder.backlog.dropped == [.tooSlow: 98, .notConfirmed: 2] && forwarder.backlog.waiting == 0)
    }

    @Test("Connections cut at random moments cost no image", arguments: 0..<6)
    func cuts(seed: Int) throws {
        let format = ImageFormat(width: 1021, height: 509, pixelType: .uint16)
        let far = try FarEnd(format, slots: 12, ForwardBench.listen(), once: true)
        let proxy = try CuttingProxy(to: far.address)
        defer { proxy.stop() }
        let forwarder = try Forwarder(
            ForwardBench.connect(proxy.address) {
                $0.connections = 1 + seed % 3
                $0.partBytes = [0, 100_000, 1 << 20][seed % 3]
            })
        let feeder = try ImageFeeder(format, slots: 12, to: forwarder)
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        for id in 1...150 as ClosedRange<UInt64> {
            try feeder.feed(id)
            if random.happens(0.06) { proxy.cutOne(&random) }
            if random.happens(0.02) { proxy.cut() }
        }
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...150), "seed \(seed)")
        #expect(far.seen.wrong.isEmpty, "seed \(seed)")
        #expect(forwarder.statistics.broken > 0, "seed \(seed)")
        #expect(forwarder.backlog == SinkBacklog(), "seed \(seed)")
    }

    @Test("A sender that starts anew is heard, and a second one beside it is not")
    func senders() throws {
        let format = Self.odd[1]
        let far = try FarEnd(format, ForwardBench.listen())
        let first = try Forwarder(ForwardBench.connect(far.address))
        let feeder = try ImageFeeder(format, to: first)
        try feeder.feed(1...5)
        #expect(ForwardBench.wait { far.ids.count == 5 })
        let second = try Forwarder(
            ForwardBench.connect(far.address) {
                $0.patience = 0.1
                $0.window = 2
                $0.farewell = 0.2
            })
        try ImageFeeder(format, to: second).feed(100...110)
        try second.close()
        #expect(second.backlog.dropped[.notConfirmed] == 2)
        try first.close()
        let third = try Forwarder(ForwardBench.connect(far.address))
        try ImageFeeder(format, to: third).feed(8...12)
        try third.close()
        #expect(ForwardBench.wait { far.ids.count == 10 })
        #expect(far.ids == [1, 2, 3, 4, 5, 8, 9, 10, 11, 12])
        // Ids that went with a sender are missing all the same.
        #expect(far.source.gaps.map { [$0.first, $0.last] } == [[6, 7]])
        #expect(far.source.statistics.streams == 2)
        #expect(far.seen.events.contains { "\($0)".contains("busy") })
        try far.stop()
    }

    @Test("Images of another shape are refused with both shapes")
    func otherFormat() throws {
        let far = try FarEnd(ImageFormat(width: 8, height: 8, pixelType: .uint16), ForwardBench.listen())
        let forwarder = try Forwarder(
            ForwardBench.connect(far.address) {
                $0.patience = 0.1
                $0.farewell = 0.3
            })
        try ImageFeeder(ImageFormat(width: 8, height: 9, pixelType: .uint16), to: forwarder).feed(1...2)
        try forwarder.close()
        #expect(forwarder.backlog.dropped == [.notConfirmed: 2])
        #expect(far.seen.events.contains { "\($0)".contains("same configuration") })
        #expect(far.ids.isEmpty)
        try far.stop()
    }
}
