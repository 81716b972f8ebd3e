import DAQCore
import Glibc
import Testing

@testable import DAQBuffer

/// Streams of a ring that another process fills: its owner uses a watcher's slots again.
@Suite("Streams of watchers")
struct WatcherStreamTests {
    private static let format = ImageFormat(width: 2048, height: 2048, pixelType: .uint16)
    private let name = RingName()
    private let ring: ImageRing
    private let reader: ImageRingReader
    private let run: RunDescription

    init() throws {
        ring = try ImageRing(creating: name.text, format: Self.format, slots: 8)
        reader = try ImageRingReader(attachingTo: name.text)
        run = try StreamImages(Self.format, slots: 1).run
    }

    /// Publishes an image whose every byte is its id.
    private func publish(_ ids: ClosedRange<UInt64>) throws {
        for id in ids {
            let slot = try #require(ring.claim(for: id))
            memset(try #require(ring.bytes(of: slot).baseAddress), Int32(id), ring.format.bytes)
            _ = ring.publish(slot, ImageMetadata(id: id))
        }
    }

    /// Takes the newest image.
    private func newest() throws -> Image {
        let entry = try #require(reader.newest)
        return try #require(try reader.lease(entry))
    }

    /// The id that every byte of the pixels is.
    private func id(of pixels: [UInt8]) -> UInt64? {
        let isOne = pixels.withUnsafeBufferPointer { pixels in
            pixels.baseAddress.map { memcmp($0, $0 + 1, pixels.count - 1) == 0 } ?? false
        }
        return isOne && pixels.count == Self.format.bytes ? UInt64(pixels[0]) : nil
    }

    @Test("A slot that the owner has taken is not sent, and counted as overwritten")
    func overwritten() throws {
        let stream = LiveStream(.array10, binding: "tcp://127.0.0.1:*")
        try stream.open(run)
        let client = try StreamClient(to: stream.address, timeout: 500)
        try publish(1...1)
        let image = try newest()
        var isHeard = false
        for _ in 0..<500 where !isHeard {
            isHeard = try stream.take(image) == .stored
            usleep(10_000)
        }
        #expect(isHeard)
        while let parts = try client.receive() { #expect(id(of: parts[1]) == 1) }

        // Watchers keep two of eight slots from being used; another one is taken at once.
        try publish(2...4)
        var held: [Image] = []
        for publication in 2...4 as ClosedRange<UInt64> {
            let entry = try #require(reader.next(after: publication - 1)).entry
            held.append(try #require(try reader.lease(entry)))
        }
        #expect(image.lease.mayChange && image.lease.isIntact && held.allSatisfy(\.lease.isIntact))
        try publish(5...30)
        let gone = ([image] + held).filter { !$0.lease.isIntact }
        #expect(gone.count == 2)
        for image in gone { #expect(try stream.take(image) == .dropped(.overwritten)) }
        #expect(try client.receive() == nil)
        try stream.close()
    }

    @Test("A client of push that stops and goes on gets the pixels that belong to the header")
    func stoppedClient() throws {
        let stream = LiveStream(.bsread, binding: "tcp://127.0.0.1:*", pattern: .push)
        try stream.open(run)
        let client = try StreamClient(.pull, to: stream.address, receiveLimit: 1, timeout: 1000)
        var sent: [UInt64] = []
        for id in 1...60 as ClosedRange<UInt64> where sent.count < 6 {
            try publish(id...id)
            let image = try newest()
            if try stream.take(image) == .stored { sent.append(id) }
            usleep(50_000)
        }
        #expect(sent.count >= 3)
        // Nothing that waits for the client keeps a slot, and nothing that it gets changes any more.
        #expect(reader.leasedCount == 0)
        try publish(100...140)
        var received: [UInt64] = []
        while let parts = try client.receive() {
            let header = try header(parts[0])
            received.append(try #require(id(of: parts[2]), "the pixels of \(header) are those of several images"))
            #expect(header["pulse_id"] as? UInt64 == received.last)
        }
        #expect(received == sent)
        try stream.close()
    }
}
