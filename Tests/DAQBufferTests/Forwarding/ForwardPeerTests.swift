import DAQCore
import DAQSimulator
import Glibc
import Synchronization
import Testing

@testable import DAQBuffer

@Suite("Forwarding: peers that are gone, many, or never silent", .serialized)
struct ForwardPeerTests {
    private static let format = ImageFormat(width: 7, height: 13, pixelType: .uint16)

    @Test("A forwarder that has closed keeps no slot, and says what was not confirmed")
    func closed() throws {
        let forwarder = try Forwarder(
            ForwardBench.connect("tcp://127.0.0.1:9") {
                $0.window = 3
                $0.patience = 0
                $0.farewell = 0.1
            })
        let feeder = try ImageFeeder(Self.format, to: forwarder)
        try feeder.feed(1...10)
        #expect(feeder.ring.freeCount == feeder.ring.slotCount - 3)
        try forwarder.close()
        #expect(feeder.ring.freeCount == feeder.ring.slotCount)
        #expect(forwarder.backlog.dropped == [.tooSlow: 7, .notConfirmed: 3] && forwarder.backlog.waiting == 0)
    }

    @Test("A farewell without an end is one while something is confirmed")
    func longFarewell() throws {
        let far = try FarEnd(Self.format, ForwardBench.listen(), once: true)
        let forwarder = try Forwarder(ForwardBench.connect(far.address) { $0.farewell = .infinity })
        try ImageFeeder(Self.format, to: forwarder).feed(1...5)
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...5))
    }

    @Test("Of two far ends that connect to one sender, the second gets all images from then on")
    func twoFarEnds() throws {
        let forwarder = try Forwarder(
            ForwardBench.listen {
                $0.patience = 30
                $0.partBytes = 20
            })
        let feeder = try ImageFeeder(Self.format, to: forwarder)
        let address = forwarder.statistics.address
        let first = try FarEnd(Self.format, ForwardBench.connect(address))
        try feeder.feed(1...5)
        #expect(ForwardBench.wait { first.ids == Array(1...5) && forwarder.backlog.waiting == 0 })
        let second = try FarEnd(Self.format, ForwardBench.connect(address))
        // It is there when it gets one.
        var id: UInt64 = 5
        #expect(
            ForwardBench.wait {
                id += 1
                try? feeder.feed(id)
                return !second.ids.isEmpty
            })
        let before = id
        try feeder.feed(before + 1...before + 50)
        #expect(ForwardBench.wait { second.ids.last == before + 50 })
        try second.stop()
        // Who was there before is served again.
        try feeder.feed(before + 51...before + 60)
        #expect(ForwardBench.wait { first.ids.last == before + 60 })
        try forwarder.close()
        let missing = Set(1...before + 60).subtracting(first.ids).subtracting(second.ids)
        #expect(missing.isEmpty && second.ids.suffix(50) == Array(before + 1...before + 50)[...])
        #expect(first.ids == first.ids.sorted() && first.source.statistics.streams == 1)
        #expect(first.seen.wrong.isEmpty && second.seen.wrong.isEmpty && forwarder.backlog.dropped.isEmpty)
        try first.stop()
    }

    /// Sends without a pause until it is told to stop.
    private final class Flood: Sendable {
        private let isOver = Atomic(false)
        private let thread = Mutex<DataThread?>(nil)

        init(_ address: String, _ message: ForwardMessage) throws {
            let started = try DataThread(name: "flood") { [self] in
                guard let socket = try? ZMQSocket(.dealer, in: ZMQContext()), (try? socket.connect(address)) != nil else {
                    return
                }
                let bytes = message.encoded(stream: 0)
                while !isOver.load(ordering: .relaxed) { _ = try? socket.send(bytes.span.bytes, wait: false) }
            }
            thread.withLock { $0 = started }
        }

        func stop() {
            isOver.store(true, ordering: .relaxed)
            thread.withLock { $0?.join() }
        }
    }

    @Test("A peer that never stops talking keeps no end from working and closing")
    func flood() throws {
        let forwarder = try Forwarder(
            ForwardBench.listen {
                $0.patience = 0
                $0.window = 2
                $0.farewell = 0.2
            })
        let feeder = try ImageFeeder(Self.format, to: forwarder)
        let floods = try (0..<3).map { _ in try Flood(forwarder.statistics.address, .beat) }
        usleep(300_000)
        try feeder.feed(1...5)
        let closing = try Background { _ in try forwarder.close() }
        #expect(ForwardBench.wait { closing.done == 1 })
        for flood in floods { flood.stop() }
        closing.join()
        #expect(feeder.ring.freeCount == feeder.ring.slotCount)
    }

    @Test("A sender ends although its peers say more than it can ever hear")
    func endless() throws {
        let link = EndlessLink()
        let forwarder = try Forwarder(ForwardBench.connect("nowhere"))
        let parts = try #require(ImageParts(imageBytes: Self.format.bytes, partBytes: Self.format.bytes))
        let hello = ForwardHello(base: 1, format: Self.format, partBytes: 182, step: 1, maxGap: 10, name: "sender")
        forwarder.withState { $0.isClosing = true }
        let running = try Background { _ in
            let end = SendingEnd(
                link: link, hello: hello, parts: parts, options: ForwardBench.connect("nowhere"),
                reporting: ForwardReporting { _ in })
            end.run(forwarder)
        }
        #expect(ForwardBench.wait { running.done == 1 })
        link.isSilent.store(true, ordering: .relaxed)
        running.join()
    }

    /// Something comes again and again, until it is told to be silent.
    // Sendable: what is not, its frames, nobody touches.
    private final class EndlessLink: ForwardLink, @unchecked Sendable {
        let isSilent = Atomic(false)
        let frames = LinkFrames()
        var channels: [Int] { [] }
        func wait(milliseconds: Int, room: Bool, wake: Int32) {}
        func nextEvent() -> LinkEvent? { isSilent.load(ordering: .relaxed) ? nil : .nonsense }
        func send(_ bytes: [UInt8], over channel: Int) -> LinkOutcome { .gone }
        func send(_ bytes: [UInt8], pixelsOf image: Image, range: Range<Int>, over channel: Int) -> LinkOutcome { .gone }
        func probe() {}
    }

    @Test("Links that go while connections are made and broken go at once")
    func links() throws {
        let rounds = try Background(times: 100) { round in
            var random = SplitMix64(seed: UInt64(truncatingIfNeeded: round))
            let listener = try ForwardBench.listen().link(for: Self.format, linger: 0)
            guard let listener = listener as? ListeningLink else { return }
            var links: [any ForwardLink] = []
            for _ in 0..<4 { links.append(try ForwardBench.connect(listener.address).link(for: Self.format, linger: 0)) }
            usleep(UInt32.random(in: 0..<3000, using: &random))
        }
        #expect(ForwardBench.wait { rounds.done == 100 }, "\(rounds.done) of 100 rounds")
    }

    @Test("A sender whose ready connection is full waits, although another one has room")
    func otherRoom() throws {
        let link = OneFullLink()
        let forwarder = try Forwarder(ForwardBench.connect("nowhere") { $0.farewell = 0.5 })
        let parts = try #require(ImageParts(imageBytes: Self.format.bytes, partBytes: Self.format.bytes))
        let hello = ForwardHello(
            base: 1, format: Self.format, partBytes: UInt64(Self.format.bytes), step: 1, maxGap: 10, name: "sender")
        forwarder.withState { state in
            state.window.append(ForwardGap(segment: 0, first: 1, last: 1, step: 1, givenUp: 1))
            state.isClosing = true
        }
        let end = SendingEnd(
            link: link, hello: hello, parts: parts, options: ForwardBench.connect("nowhere") { $0.farewell = 0.5 },
            reporting: ForwardReporting { _ in })
        end.run(forwarder)
        // Half a second in steps of at least two milliseconds.
        #expect((2...300).contains(link.waits.load(ordering: .relaxed)), "\(link.waits.load(ordering: .relaxed)) waits")
    }

    /// Two connections: one says how far it is and has no room, the other has room and says nothing.
    // Sendable: what is not, its frames, nobody touches.
    private final class OneFullLink: ForwardLink, @unchecked Sendable {
        let waits = Atomic(0)
        private let events = Mutex<[LinkEvent]>([])
        let frames = LinkFrames()
        var channels: [Int] { [1, 2] }

        func wait(milliseconds: Int, room: Bool, wake: Int32) {
            waits.add(1, ordering: .relaxed)
            if !room { usleep(UInt32(milliseconds) * 1000) }
        }

        func nextEvent() -> LinkEvent? { events.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

        func send(_ bytes: [UInt8], over channel: Int) -> LinkOutcome {
            guard channel == 1, let (stream, message) = try? ForwardMessage.decode(bytes) else { return .sent }
            guard case .hello = message else { return .full }
            let state = ForwardMessage.state(ForwardState(session: 1, next: 1, limit: 2)).encoded(stream: stream)
            events.withLock { $0.append(.message(channel: 1, state, hasPixels: false)) }
            return .sent
        }

        func send(_ bytes: [UInt8], pixelsOf image: Image, range: Range<Int>, over channel: Int) -> LinkOutcome { .full }
        func probe() {}
    }

    /// Does something on another thread, so that a test can see that it never ends.
    private final class Background: Sendable {
        private let count = Atomic(0)
        private let thread = Mutex<DataThread?>(nil)
        /// How often it was done.
        var done: Int { count.load(ordering: .acquiring) }

        init(times: Int = 1, _ body: @escaping @Sendable (Int) throws -> Void) throws {
            let started = try DataThread(name: "background") { [self] in
                for round in 0..<times {
                    try? body(round)
                    count.add(1, ordering: .releasing)
                }
            }
            thread.withLock { $0 = started }
        }

        func join() { thread.withLock { $0?.join() } }
    }
}
