import DAQCore
import Foundation
import Testing

@testable import DAQBuffer

@Suite("std-daq metadata")
struct StdDAQMetadataTests {
    private var image: StdDAQMetadata {
        var metadata = ImageMetadata(id: 300)
        metadata.information = 0x8001
        return StdDAQMetadata(
            metadata, of: ImageFormat(width: 1024, height: 512, pixelType: .uint16), type: .jungfrauRaw)
    }

    /// Bytes worked out by hand from the fields of the message.
    private let bytes: [UInt8] = [
        0x08, 0xAC, 0x02, 0x10, 0x80, 0x04, 0x18, 0x80, 0x08, 0x20, 0x80, 0x80, 0x40, 0x28, 0x02, 0x30, 0x01, 0x4A, 0x04, 0x08,
        0x81, 0x80, 0x02,
    ]

    @Test("The bytes are those of the message's definition")
    func encoding() throws {
        var written: [UInt8] = []
        image.appendProtobuf(to: &written)
        #expect(written == bytes)
        #expect(try StdDAQMetadata(protobuf: bytes) == image)
    }

    @Test("Every image survives the way there and back")
    func roundTrip() throws {
        for type in PixelType.allCases {
            for detector in [
                nil, StdDAQMetadata.Detector.jungfrau(daqRecord: .max), .jungfrau(daqRecord: 0), .eiger(exposureTime: 0),
                .other(field: 11, [10, 1, 120]),
            ] {
                var metadata = image
                metadata.id = .max
                metadata.format = ImageFormat(width: 65_536, height: 65_536, pixelType: type)
                metadata.size = metadata.format.bytes
                metadata.detector = detector
                var written: [UInt8] = []
                metadata.appendProtobuf(to: &written)
                #expect(try StdDAQMetadata(protobuf: written) == metadata)
            }
        }
    }

    @Test("Unknown fields are skipped")
    func unknownFields() throws {
        let more: [UInt8] = [0xA0, 0x06, 0x05, 0xA9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xB5, 0x06, 1, 2, 3, 4, 0xBA, 0x06, 1, 9]
        #expect(try StdDAQMetadata(protobuf: more + bytes + more) == image)
    }

    @Test(
        "What cannot be is refused",
        arguments: [
            [], [0], [0x08], [0x08, 0x80], [0x0F], [0x4A, 0x7F], [0x4A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
            [0x08] + Array(repeating: 0xFF, count: 10), [0x0A, 0], [0x48, 1], [0x09, 1], [0x28, 22], [0x28, 3], [0x30, 4],
            [0x38, 3], [0x10, 0], [0x18, 0x81, 0x80, 0x04], [0x20, 1], [0x4A, 2, 0x0A, 0],
        ] as [[UInt8]])
    func refusals(extra: [UInt8]) {
        #expect(throws: StdDAQError.self) { try StdDAQMetadata(protobuf: extra.isEmpty ? [] : bytes + extra) }
    }

    @Test("Damaged messages are refused or read, and never more than that")
    func damage() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0 ... .max, using: &random)
        var generator = SeededBytes(state: seed)
        var refused = 0
        for _ in 0..<20_000 {
            var damaged = bytes
            for _ in 0..<Int(generator.next() % 4 + 1) {
                damaged[Int(generator.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            damaged.removeLast(Int(generator.next() % 8))
            do {
                let metadata = try StdDAQMetadata(protobuf: damaged)
                #expect(metadata.compression != .none || metadata.size == metadata.format.bytes, "seed \(seed)")
            } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test("Services of a host hear each other; nonsense is counted and passed over")
    func subscriber() throws {
        let address = "ipc:///tmp/daq-test-\(getpid())-\(UInt32.random(in: 0 ... .max))-image"
        let images = try StreamImages()
        let stream = LiveStream(.stdDAQ, binding: address)
        try stream.open(images.run)
        defer { unlink(String(address.dropFirst(6))) }
        let subscriber = try StdDAQSubscriber(to: address)
        try stream.waitForClient(images, id: 7)
        let heard = try #require(try subscriber.next(milliseconds: 5000)).get()
        #expect(heard == StdDAQMetadata(ImageMetadata(id: 7), of: images.run.format, type: .eiger))
        let second = LiveStream(.stdDAQ, binding: address)
        let error = #expect(throws: ZMQError.self) { try second.open(images.run) }
        #expect(error?.description.contains("another program") == true)
        try stream.close()

        let liar = try ZMQSocket(.publish, in: ZMQContext())
        try liar.bind(address)
        var refused = 0
        // The subscription takes its time; good messages after bad ones are what counts.
        for _ in 0..<500 {
            #expect(try liar.send("nonsense"))
            #expect(try liar.send(bytes.span.bytes, more: true))
            #expect(try liar.send("a second part"))
            #expect(try liar.send(bytes.span.bytes))
            while let result = try subscriber.next(milliseconds: 10) {
                guard case .success(let heard) = result else {
                    refused += 1
                    continue
                }
                #expect(heard == image)
                if refused > 0 { return }
            }
        }
        Issue.record("the good message was not heard")
    }
}

private struct SeededBytes {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
