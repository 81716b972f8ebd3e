import DAQCore
import DAQSimulator
import Glibc
import Synchronization
import Testing

@testable import DAQBuffer

/// What clients can and cannot cost a stream, and what they get at its end.
@Suite("Limits of live streams", .serialized)
struct StreamLimitTests {
    private static let anywhere = "tcp://127.0.0.1:*"

    @Test("The last metadata of a run arrive, although the stream closes at once")
    func lastMetadata() throws {
        let images = try StreamImages(ImageFormat(width: 8, height: 2, pixelType: .uint8))
        let stream = LiveStream(.metadata, binding: Self.anywhere)
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address, receiveLimit: 1, timeout: 1000)
        try stream.waitForClient(images)
        // More than the network holds, so that some wait for a client that is behind.
        var image = try images.image(1)
        image.metadata.annotations = [Annotation("note", .text(String(repeating: "x", count: 30_000)))]
        for _ in 0..<400 { #expect(try stream.take(image) == .stored) }
        let closing = try DataThread(name: "closing") { try? stream.close() }
        var received = 0
        while try client.receive() != nil { received += 1 }
        closing.join()
        #expect(received == 401)
    }

    @Test("A client of push that is behind gets the end of the series")
    func endOfSeries() throws {
        let images = try StreamImages(ImageFormat(width: 1030, height: 1024, pixelType: .uint32), slots: 4)
        let stream = LiveStream(.dectris, binding: Self.anywhere)
        try stream.open(images.run)
        let client = try StreamClient(.pull, to: stream.address, receiveLimit: 1, timeout: 2000)
        try stream.waitForClient(images)
        let image = try images.image(1)
        // The client is full when two images in a row find no room.
        var refused = 0
        for _ in 0..<500 where refused < 2 {
            refused = try stream.take(image) == .stored ? 0 : refused + 1
            if refused > 0 { usleep(100_000) }
        }
        #expect(refused == 2)
        let closing = try DataThread(name: "closing") { try? stream.close() }
        usleep(50_000)
        var last: [UInt8] = []
        while let parts = try client.receive() { last = parts[0] }
        closing.join()
        #expect(last.count < 1000 && String(decoding: last, as: UTF8.self).contains("end"))
    }

    @Test("A client that subscribes again and again does not bring everybody the start message with each image")
    func flapping() throws {
        let images = try StreamImages()
        let stream = LiveStream(.dectris, binding: Self.anywhere, pattern: .publish)
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address, timeout: 500)
        try stream.waitForClient(images)
        let flapping = try ZMQSocket(.subscribeByHand, in: ZMQContext())
        try flapping.connect(stream.address)
        let image = try images.image(1)
        let begin = Clock.monotonic()
        for _ in 0..<50 {
            #expect(try flapping.send("\u{1}"))
            usleep(20_000)
            #expect(try stream.take(image) == .stored)
            #expect(try flapping.send("\0"))
        }
        let seconds = Int((Clock.monotonic() - begin) / 1_000_000_000)
        var (starts, count) = (0, 0)
        while let parts = try client.receive() {
            if parts[0].prefix(40).contains(Array("start".utf8)) { starts += 1 } else { count += 1 }
        }
        #expect(count == 51)
        #expect((1...seconds + 2).contains(starts), "\(starts) starts in \(seconds) s")
        try stream.close()
    }

    @Test("Announcements that a client makes without end do not pile up")
    func announcements() throws {
        let images = try StreamImages(ImageFormat(width: 8, height: 2, pixelType: .uint8))
        let stream = LiveStream(.array10, binding: Self.anywhere)
        try stream.open(images.run)
        let flood = try Flood(stream.address)
        let image = try images.image(1)
        for _ in 0..<300 {
            _ = try stream.take(image)
            usleep(2000)
        }
        let known = stream.status.subscriptions
        flood.stop()
        #expect(known > 0)
        // What is not known yet lies with the client and the network, which have limits, and not with the stream.
        for _ in 0..<1000 { _ = try stream.take(image) }
        let late = stream.status.subscriptions - known
        #expect(late < 40_000, "\(known) were known, and \(late) more had been taken")
        try stream.close()
    }

    /// Subscribes to long topics without a pause.
    private final class Flood: Sendable {
        private let isOver = Atomic(false)
        private let thread = Mutex<DataThread?>(nil)

        init(_ address: String) throws {
            let started = try DataThread(name: "flood") { [self] in
                guard let socket = try? ZMQSocket(.subscribeByHand, in: ZMQContext()), (try? socket.connect(address)) != nil
                else { return }
                let topic = [1] + [UInt8](repeating: 0x61, count: 999)
                while !isOver.load(ordering: .relaxed) {
                    _ = try? socket.send(topic.span.bytes, wait: false)
                }
            }
            thread.withLock { $0 = started }
        }

        func stop() {
            isOver.store(true, ordering: .relaxed)
            thread.withLock { $0?.join() }
        }
    }

    /// Packs every image into the same bytes.
    private struct Packer: StreamEncoder {
        let bytes: [UInt8]
        var packedBound: Int? { bytes.count }

        mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage) {
            message.bytes.append(contentsOf: bytes)
            message.endPart()
        }
    }

    @Test("Packed images that wait for clients count as those that are not packed, and the stream recovers")
    func packed() throws {
        let format = ImageFormat(width: 2048, height: 1024, pixelType: .uint32)
        let images = try StreamImages(format, slots: 1)
        let image = images.ring.publish(try #require(images.ring.claim(for: 1)), ImageMetadata(id: 1))
        let outlet = try StreamOutlet(
            .publish, at: Self.anywhere, in: ZMQContext(), encoder: Packer(bytes: Array(repeating: 7, count: format.bytes)),
            cut: .reduction(ImageReduction(of: images.run)), output: format, now: 0)
        let client = try StreamClient(to: outlet.address, timeout: 500)
        func hear(_ subscriptions: Int) throws {
            for _ in 0..<500 where outlet.subscriptions < subscriptions {
                _ = try outlet.isUnheard(at: Clock.monotonic())
                usleep(10_000)
            }
        }
        /// Whether the client that reads gets an image.
        func isServed() throws -> Bool {
            _ = try outlet.isUnheard(at: Clock.monotonic())
            _ = try outlet.send(image, at: Clock.monotonic())
            return try client.receive()?.first?.count == format.bytes
        }
        try hear(1)
        #expect(try isServed())
        var missed = 0
        do {
            // Those who stop one after the other each keep other messages.
            let stopped = Stopped()
            for number in 2...16 where missed < 3 {
                try stopped.add(outlet.address)
                try hear(number)
                for _ in 0..<6 where missed < 3 { missed = try isServed() ? 0 : missed + 1 }
            }
            #expect(missed == 3)
        }
        var isBack = false
        for _ in 0..<60 where !isBack { isBack = try isServed() }
        #expect(isBack)
    }

    /// Clients that never read.
    private final class Stopped {
        private final class Client {
            let client: StreamClient
            init(_ address: String) throws { client = try StreamClient(to: address, receiveLimit: 1) }
        }
        private var clients: [Client] = []

        func add(_ address: String) throws { clients.append(try Client(address)) }
    }
}
