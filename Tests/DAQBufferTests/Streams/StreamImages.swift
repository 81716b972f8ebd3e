import DAQCore
import Foundation
import Testing

@testable import DAQBuffer

/// A ring with images to stream, and the run they belong to.
struct StreamImages {
    let run: RunDescription
    let ring: ImageRing

    /// A ring of `slots` images of an EIGER half module of two ports, or of any format.
    init(_ format: ImageFormat = ImageFormat(width: 1030, height: 256, pixelType: .uint16), slots: Int = 8) throws {
        let configuration = DetectorConfiguration(
            name: "test", type: .eiger, moduleCount: 2, bitDepth: 16, imageWidth: format.width, imageHeight: format.height,
            startUDPPort: 50_000,
            modulePositions: [
                0: ModulePosition(xStart: 0, yStart: 0, xEnd: 513, yEnd: 255),
                1: ModulePosition(xStart: 516, yStart: 255, xEnd: 1029, yEnd: 0),
            ])
        run = RunDescription(configuration: configuration, format: format)
        ring = try ImageRing(format: format, slots: slots)
    }

    /// The value of a byte of an image.
    static func byte(_ index: Int, of id: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: index &* 7 &+ Int(id) &* 13) }

    /// Publishes an image whose bytes depend on its id.
    func image(_ id: UInt64) throws -> Image {
        let slot = try #require(ring.claim(for: id), "no slot is free for image \(id)")
        let bytes = ring.bytes(of: slot)
        for index in bytes.indices { bytes[index] = Self.byte(index, of: id) }
        var metadata = ImageMetadata(id: id)
        metadata.pulseID = id * 10
        return ring.publish(slot, metadata)
    }

    /// All bytes of an image.
    func bytes(of id: UInt64) -> [UInt8] { (0..<ring.format.bytes).map { Self.byte($0, of: id) } }

    /// Waits until no slot is held any more.
    func allSlotsAreFree() -> Bool {
        for _ in 0..<500 where ring.freeCount < ring.slotCount { usleep(10_000) }
        return ring.freeCount == ring.slotCount
    }
}

/// A client of a stream in the same process.
struct StreamClient: ~Copyable {
    private let socket: ZMQSocket

    init(_ pattern: ZMQSocket.Pattern = .subscribe, to address: String, receiveLimit: Int = 1000, timeout: Int = 5000) throws {
        var options = ZMQSocketOptions()
        options.receiveTimeout = timeout
        options.sendTimeout = timeout
        options.receiveLimit = receiveLimit
        let socket = try ZMQSocket(pattern, in: ZMQContext(), options: options)
        try socket.connect(address)
        self.socket = socket
    }

    /// The parts of the next message; `nil` when none came in time.
    func receive() throws -> [[UInt8]]? {
        let part = ZMQMessage()
        var parts: [[UInt8]] = []
        repeat {
            guard try socket.receive(part) else { return nil }
            parts.append(part.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } })
        } while try socket.hasMore
        return parts
    }

    func send(_ parts: String...) throws {
        for (index, part) in parts.enumerated() { #expect(try socket.send(part, more: index < parts.count - 1)) }
    }
}

extension LiveStream {
    /// Where a client in the same process connects to.
    var address: String { status.addresses[0].replacingOccurrences(of: "0.0.0.0", with: "127.0.0.1") }

    /// Offers images until somebody gets one.
    func waitForClient(_ images: StreamImages, id: UInt64 = 0) throws {
        for _ in 0..<500 {
            if try take(images.image(id)) == .stored { return }
            usleep(10_000)
        }
        Issue.record("no client was noticed")
    }
}

/// The header of a message.
func header(_ part: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(part)) as? [String: Any])
}
