import DAQCore
import Synchronization
import Testing

@testable import DAQBuffer

@Suite("Images from streams", .serialized)
struct StreamSourceTests {
    /// A sender and a running source of 4 x 3 images of uint16.
    private final class Bench: Sendable {
        let source: StreamSource
        let ring: ImageRing
        private let images = Mutex<[(id: UInt64, segment: UInt32, pixels: [UInt16])]>([])
        private let ended = Mutex(false)

        /// - Parameter stdDAQ: name of a ring in that layout, which has its own number of slots.
        init(
            _ address: String, format: SourceConfiguration.Format = .array10, slots: Int = 16, wait: UInt64 = 0,
            stdDAQ: RingName? = nil
        ) throws {
            var configuration = DetectorConfiguration(
                name: "camera", receiving: ImageFormat(width: 4, height: 3, pixelType: .uint16),
                from: SourceConfiguration(address: address, format: format, pattern: .pull))
            configuration.ring.wait = wait
            if let stdDAQ {
                configuration.ring.layout = .stdDAQ
                ring = try ImageRing(creating: stdDAQ.text, for: configuration)
            } else {
                ring = try ImageRing(format: configuration.imageFormat, slots: slots)
            }
            source = try StreamSource(configuration, into: ring)
            try source.prepare()
        }

        /// Runs the source until `count` messages have been taken.
        func run(until count: UInt64) throws {
            let watcher = Thread(watching: { [self] in
                var rounds = 0
                while source.ledger.packets.received < count, rounds < 1000, !ended.withLock({ $0 }) {
                    Thread.pause(milliseconds: 10)
                    rounds += 1
                }
                source.stop()
            })
            try source.run { [self] image in
                let pixels = image.withPixels(as: UInt16.self) { pixels in pixels.indices.map { pixels[$0] } }
                images.withLock { $0.append((image.metadata.id, image.metadata.segment, pixels)) }
            }
            ended.withLock { $0 = true }
            watcher.join()
        }

        var ids: [UInt64] { images.withLock { $0.map(\.id) } }
        var segments: [UInt32] { images.withLock { $0.map(\.segment) } }
        var pixels: [[UInt16]] { images.withLock { $0.map(\.pixels) } }
    }

    private let context: ZMQContext
    private var options = ZMQSocketOptions()

    init() throws {
        context = try ZMQContext()
        options.sendTimeout = 5000
        options.linger = 5000
    }

    private func send(_ socket: borrowing ZMQSocket, _ parts: [[UInt8]]) throws {
        for (index, part) in parts.enumerated() {
            #expect(try socket.send(part.span.bytes, more: index < parts.count - 1))
        }
    }

    private func message(_ id: Int, shape: String = "[3,4]", type: String = "uint16", pixels: Int = 24) -> [[UInt8]] {
        let header = #"{"htype":"array-1.0","shape":\#(shape),"type":"\#(type)","frame":\#(id)}"#
        return [Array(header.utf8), (0..<pixels).map { UInt8(truncatingIfNeeded: id &+ $0) }]
    }

    @Test("Images arrive as they were sent, and gaps and restarts are counted")
    func arrival() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"))
        let ids = [10, 11, 14, 15, 1, 2]
        for id in ids { try send(socket, message(id)) }
        try bench.run(until: 6)
        #expect(bench.ids == ids.map { UInt64($0) })
        #expect(bench.segments == [0, 0, 0, 0, 1, 1])
        for (id, pixels) in zip(ids, bench.pixels) {
            #expect(pixels == (0..<12).map { UInt16(UInt8(id + 2 * $0)) | UInt16(UInt8(id + 2 * $0 + 1)) << 8 })
        }
        let ledger = bench.source.ledger
        #expect(ledger.imbalance == nil)
        #expect(ledger.packets.placed == 6 && ledger.images.missing == 2 && ledger.images.complete == 6)
        #expect(ledger.images.segments == 2)
        #expect(bench.ring.freeCount == bench.ring.slotCount)
    }

    @Test("Whoever fills the memory after a stream prepares its gaps again")
    func gapsAfterwards() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let address = try socket.bind("tcp://127.0.0.1:*")
        let bench = try Bench(address, slots: 2)
        // A detector had the ring before, and has it afterwards.
        let (layout, gap) = (UInt64(77), UInt16(0))
        func prepare() throws {
            try bench.ring.prepareSlots(for: layout, isZero: true) { slot in
                slot.withMemoryRebound(to: UInt16.self) { $0.update(repeating: gap) }
            }
        }
        try prepare()
        try bench.source.prepare()
        for id in 1...4 { try send(socket, message(id)) }
        try bench.run(until: 4)
        #expect(bench.ids == [1, 2, 3, 4])
        try prepare()
        for slot in 0..<2 {
            #expect(bench.ring.bytes(of: slot).prefix(24).allSatisfy { $0 == 0 }, "slot \(slot) has pixels of the stream")
        }
    }

    @Test("What a hostile sender sends is refused for its reason, and the good images come through")
    func hostility() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"))
        let bad: [([[UInt8]], StreamRefusal.Verdict)] = [
            ([[]], .malformed(.parts)),
            ([message(1)[0]], .malformed(.parts)),
            (message(1) + [[1, 2, 3]], .malformed(.parts)),
            (Array(repeating: [7], count: 3000), .malformed(.parts)),
            ([[0xFF, 0xFE], [1]], .malformed(.header)),
            ([Array(String(repeating: "[", count: 100_000).utf8), []], .malformed(.header)),
            ([Array(repeating: UInt8(ascii: " "), count: 2 << 20), []], .malformed(.header)),
            (message(1, shape: "[9223372036854775807,9223372036854775807]"), .malformed(.header)),
            (message(1, shape: "[65536,65536]"), .foreign(.format)),
            (message(1, shape: "[2,2]", pixels: 8), .foreign(.format)),
            (message(1, type: "uint8"), .foreign(.format)),
            (message(1, type: "complex128"), .foreign(.format)),
            (message(1, pixels: 23), .malformed(.payload)),
            (message(1, pixels: 0), .malformed(.payload)),
            (message(1, pixels: 1 << 20), .malformed(.payload)),
        ]
        var expected = PacketLedger()
        for (index, (parts, verdict)) in bad.enumerated() {
            try send(socket, parts)
            switch verdict {
            case .malformed(let reason): expected.malformed[reason, default: 0] += 1
            case .foreign(let reason): expected.foreign[reason, default: 0] += 1
            case .discarded: break
            }
            try send(socket, message(index + 1))
        }
        try bench.run(until: UInt64(2 * bad.count))
        #expect(bench.ids == (1...UInt64(bad.count)).map { $0 })
        let ledger = bench.source.ledger
        #expect(ledger.imbalance == nil)
        #expect(ledger.packets.malformed == expected.malformed)
        #expect(ledger.packets.foreign == expected.foreign)
        #expect(bench.source.lastRefusal == .length(1 << 20, expected: 24))
        #expect(bench.ring.freeCount == bench.ring.slotCount)
    }

    @Test("Without a free slot an image is dropped and counted, and the stream goes on")
    func fullRing() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"), slots: 2)
        let slots = [try #require(bench.ring.claim(for: 1)), try #require(bench.ring.claim(for: 2))]
        for id in 1...3 { try send(socket, message(id)) }
        try bench.run(until: 3)
        #expect(bench.ids.isEmpty)
        let ledger = bench.source.ledger
        #expect(ledger.imbalance == nil)
        #expect(ledger.images.dropped == [.noFreeSlot: 3])
        #expect(ledger.packets.discarded == [.noFreeSlot: 3])
        for slot in slots { bench.ring.abandon(slot) }
    }

    @Test("An image waits for a slot as long as the configuration says")
    func waiting() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"), slots: 2, wait: 30_000_000_000)
        let slots = [try #require(bench.ring.claim(for: 1)), try #require(bench.ring.claim(for: 2))]
        for id in 1...3 { try send(socket, message(id)) }
        let sink = Thread(watching: {
            Thread.pause(milliseconds: 50)
            for slot in slots { bench.ring.abandon(slot) }
        })
        try bench.run(until: 3)
        sink.join()
        #expect(bench.ids == [1, 2, 3])
        #expect(bench.source.ledger.images.dropped.isEmpty && bench.source.ledger.imbalance == nil)
    }

    @Test("Where the id decides on the slot, a slot that is held is the reason, as it is for packets")
    func heldSlot() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let name = RingName()
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"), stdDAQ: name)
        let slot = try #require(bench.ring.claim(for: 2))
        for id in 1...3 { try send(socket, message(id)) }
        try bench.run(until: 3)
        #expect(bench.ids == [1, 3])
        let ledger = bench.source.ledger
        #expect(ledger.imbalance == nil)
        #expect(ledger.images.dropped == [.slotLeased: 1])
        #expect(ledger.packets.discarded == [.noFreeSlot: 1])
        bench.ring.abandon(slot)
    }

    @Test("A source can be stopped before it runs, and while nothing comes")
    func stopping() throws {
        let socket = try ZMQSocket(.push, in: context, options: options)
        let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"))
        bench.source.stop()
        try bench.source.run { _ in Issue.record("an image from nowhere") }
        #expect(bench.source.ledger == ReceiveLedger())
    }

    #if Compression
        @Test("Our bsread messages are read by our own decoder", arguments: StreamCompression.allCases)
        func ownBsread(compression: StreamCompression) throws {
            let socket = try ZMQSocket(.push, in: context, options: options)
            let bench = try Bench(try socket.bind("tcp://127.0.0.1:*"), format: .bsread)
            let pixels = (0..<12).map { UInt16($0 * 1000) }
            for parts in try Messages.all(.bsread, compression: compression, of: pixels, ids: [5, 6]) { try send(socket, parts) }
            // A chunk that is damaged in the middle.
            var damaged = try Messages.all(.bsread, compression: .bitshuffleLZ4, of: pixels, ids: [7])[0]
            damaged[2].removeLast(3)
            try send(socket, damaged)
            try bench.run(until: 3)
            #expect(bench.ids == [5, 6])
            #expect(bench.pixels == [pixels, pixels])
            #expect(bench.source.ledger.packets.malformed == [.payload: 1])
            #expect(bench.source.ledger.imbalance == nil)
        }
    #endif
}
