import DAQCore
import Foundation
import Testing

@testable import DAQBuffer

@Suite("Live streams")
struct LiveStreamTests {
    private static let anywhere = "tcp://127.0.0.1:*"

    @Test("A subscriber gets header and pixels of every image, in order, and no slot stays held")
    func publish() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere)
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images)
        for id in 1...20 as ClosedRange<UInt64> { #expect(try stream.take(images.image(id)) == .stored) }
        #expect(images.ring.freeCount == images.ring.slotCount)
        for id in 0...20 as ClosedRange<UInt64> {
            let parts = try #require(try client.receive())
            try #require(parts.count == 2)
            let header = try header(parts[0])
            #expect(header["htype"] as? String == "array-1.0")
            #expect(header["shape"] as? [Int] == [256, 1030])
            #expect(header["type"] as? String == "uint16")
            #expect(header["frame"] as? UInt64 == id)
            #expect(header["pulse_id"] as? UInt64 == id * 10)
            #expect(parts[1].elementsEqual(images.bytes(of: id)))
        }
        try stream.close()
    }

    @Test("Without a client nothing is prepared, and it is said so")
    func nobody() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere, every: .nth(2))
        try stream.open(images.run)
        for id in 1...10 as ClosedRange<UInt64> { #expect(try stream.take(images.image(id)) == .skipped(.nobody)) }
        #expect(stream.status.bytes == 0)
        // The first image with a client is the first of the count.
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images, id: 11)
        #expect(try stream.take(images.image(12)) == .skipped(.selection))
        #expect(try stream.take(images.image(13)) == .stored)
        #expect(try client.receive() != nil)
        try stream.close()
    }

    @Test("A client that goes away is noticed")
    func leaving() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere)
        try stream.open(images.run)
        do {
            let client = try StreamClient(to: stream.address)
            try stream.waitForClient(images)
            #expect(try client.receive() != nil)
        }
        // At first it seems to be there, then it takes nothing more, then its subscription has ended.
        var outcome = SinkOutcome.stored
        for id in 1...1000 as ClosedRange<UInt64> where outcome != .skipped(.nobody) {
            outcome = try stream.take(images.image(id))
            #expect([.stored, .dropped(.slowClients), .skipped(.nobody)].contains(outcome))
            usleep(10_000)
        }
        #expect(outcome == .skipped(.nobody))
        for id in 1001...1010 as ClosedRange<UInt64> {
            #expect(try stream.take(images.image(id)) == .skipped(.nobody), "and so it stays")
        }
        #expect(stream.status.subscriptions == 0)
        try stream.close()
    }

    @Test("A subscriber that stops reading costs the others no image, and nobody a slot")
    func stoppedSubscriber() throws {
        let images = try StreamImages(ImageFormat(width: 1030, height: 1024, pixelType: .uint32), slots: 3)
        let stream = LiveStream(.array10, binding: Self.anywhere)
        try stream.open(images.run)
        let stopped = try StreamClient(to: stream.address, receiveLimit: 1)
        try stream.waitForClient(images)
        let client = try StreamClient(to: stream.address)
        while stream.status.subscriptions < 2 {
            _ = try stream.take(images.image(0))
            _ = try stopped.receive()
        }
        var next: UInt64 = 1
        for id in 1...60 as ClosedRange<UInt64> {
            #expect(try stream.take(images.image(id)) == .stored)
            var parts = try #require(try client.receive())
            while try header(parts[0])["frame"] as? UInt64 == 0 { parts = try #require(try client.receive()) }
            #expect(try header(parts[0])["frame"] as? UInt64 == next)
            next += 1
        }
        #expect(images.ring.freeCount == images.ring.slotCount)
        // It was offered 250 MB and holds less than all of it.
        var held = 0
        while try stopped.receive() != nil, held < 100 { held += 1 }
        #expect(held < 60)
        try stream.close()
    }

    @Test("Clients of push share the images, and those who are full do not hold up the stream")
    func push() throws {
        let images = try StreamImages(slots: 4)
        let stream = LiveStream(.array10, binding: Self.anywhere, pattern: .push)
        try stream.open(images.run)
        #expect(try stream.take(images.image(0)) == .dropped(.slowClients))
        do {
            let client = try StreamClient(.pull, to: stream.address, receiveLimit: 1, timeout: 1000)
            try stream.waitForClient(images, id: 1)
            var outcomes: [SinkOutcome: Int] = [:]
            for id in 2...200 as ClosedRange<UInt64> { outcomes[try stream.take(images.image(id)), default: 0] += 1 }
            #expect(outcomes[.dropped(.slowClients), default: 0] > 0)
            // What was sent arrives, unharmed.
            var received = 0
            while let parts = try client.receive() {
                let id = try #require(try header(parts[0])["frame"] as? UInt64)
                #expect(parts[1].elementsEqual(images.bytes(of: id)))
                received += 1
            }
            #expect(received == 1 + outcomes[.stored, default: 0])
        }
        try stream.close()
        #expect(images.allSlotsAreFree())
    }

    @Test("Who asks gets the next image; requests that are none are answered with the reason")
    func requests() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere, pattern: .reply)
        try stream.open(images.run)
        #expect(try stream.take(images.image(1)) == .skipped(.nobody))
        let client = try StreamClient(.request, to: stream.address)
        try client.send("next")
        try stream.waitForClient(images, id: 2)
        #expect(try stream.take(images.image(3)) == .skipped(.nobody))
        let parts = try #require(try client.receive())
        #expect(try header(parts[0])["frame"] as? UInt64 == 2)
        #expect(parts[1].elementsEqual(images.bytes(of: 2)))

        try client.send("two", "parts")
        for _ in 0..<500 where stream.status.malformed == 0 {
            #expect(try stream.take(images.image(4)) == .skipped(.nobody))
            usleep(10_000)
        }
        #expect(stream.status.malformed == 1)
        let answer = try #require(try client.receive())
        #expect(try header(answer[0])["htype"] as? String == "error-1.0")
        try client.send("")
        try stream.waitForClient(images, id: 5)
        #expect(try client.receive()?.count == 2)
        try stream.close()
    }

    @Test("Several who ask get the same image, each once; who sends no requests is counted and refused")
    func severalRequests() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere, pattern: .reply)
        try stream.open(images.run)
        let first = try StreamClient(.request, to: stream.address)
        let second = try StreamClient(.request, to: stream.address)
        let liar = try StreamClient(.dealer, to: stream.address, timeout: 200)
        try liar.send("no envelope")
        try liar.send("not empty", "next")
        try liar.send("", "next", "more")
        // One that asks again and again before it has its answer.
        for _ in 0..<5 { try liar.send("", "next") }
        for _ in 0..<500 where stream.status.malformed < 7 {
            _ = try stream.take(images.image(1))
            usleep(10_000)
        }
        try first.send("next")
        try second.send("next")
        var received: [UInt64] = []
        for id in 2...500 as ClosedRange<UInt64> where received.isEmpty {
            usleep(50_000)
            guard try stream.take(images.image(id)) == .stored else { continue }
            received = [try frame(first), try frame(second)]
        }
        #expect(received.count == 2 && received[0] == received[1])
        // The liar was answered once for its wrong envelope and at most once an image.
        var answers = 0
        while try liar.receive() != nil { answers += 1 }
        #expect((1...6).contains(answers))
        try stream.close()
    }

    private func frame(_ client: borrowing StreamClient) throws -> UInt64 {
        let parts = try #require(try client.receive())
        return try #require(try header(parts[0])["frame"] as? UInt64)
    }

    @Test("A client that lies about its subscriptions keeps nothing from the others")
    func lies() throws {
        let images = try StreamImages()
        let stream = LiveStream(.array10, binding: Self.anywhere)
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images)
        let liar = try RawSubscriber(to: stream.address)
        try liar.unsubscribe(times: 50)
        try liar.say("\u{7}nonsense")
        for id in 1...500 as ClosedRange<UInt64> where stream.status.malformed == 0 {
            #expect(try stream.take(images.image(id)) == .stored)
            #expect(try client.receive()?.count == 2)
            usleep(10_000)
        }
        #expect(stream.status.malformed == 1)
        for id in 501...600 as ClosedRange<UInt64> {
            #expect(try stream.take(images.image(id)) == .stored)
            #expect(try client.receive()?.count == 2)
        }
        try stream.close()
    }

    @Test("Region and binning are in the header, and the pixels are as it says")
    func reduced() throws {
        let images = try StreamImages()
        let stream = LiveStream(
            .array10, binding: Self.anywhere, region: ImageRegion(xStart: 4, yStart: 8, xEnd: 103, yEnd: 57), binning: 5)
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images, id: 3)
        let parts = try #require(try client.receive())
        let header = try header(parts[0])
        #expect(header["shape"] as? [Int] == [10, 20])
        #expect(header["type"] as? String == "uint32")
        #expect(header["region"] as? [Int] == [4, 8, 103, 57])
        #expect(header["binning"] as? Int == 5)
        #expect(parts[1].count == 10 * 20 * 4)
        try stream.close()
    }

    @Test("An address that is taken is refused, and is free again after the stream has closed")
    func address() throws {
        let images = try StreamImages()
        let first = LiveStream(.array10, binding: Self.anywhere)
        try first.open(images.run)
        let second = LiveStream(.array10, binding: first.status.addresses[0])
        #expect(throws: ZMQError.self) { try second.open(images.run) }
        try first.close()
        try second.open(images.run)
        try second.close()
    }
}

/// A client that writes subscriptions by hand.
private struct RawSubscriber: ~Copyable {
    private let socket: ZMQSocket

    init(to address: String) throws {
        let socket = try ZMQSocket(.subscribeByHand, in: ZMQContext())
        try socket.connect(address)
        self.socket = socket
    }

    func unsubscribe(times: Int) throws { for _ in 0..<times { #expect(try socket.send("\0")) } }
    func say(_ text: String) throws { #expect(try socket.send(text)) }
}
