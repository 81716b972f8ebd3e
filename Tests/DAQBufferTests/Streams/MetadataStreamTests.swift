import DAQCore
import Foundation
import Testing

@testable import DAQBuffer

@Suite("Metadata stream")
struct MetadataStreamTests {
    @Test("A subscriber learns everything about an image")
    func everything() throws {
        let images = try StreamImages()
        let stream = LiveStream(.metadata, binding: "tcp://127.0.0.1:*")
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images)
        var image = try images.image(1 << 60)
        image.metadata.segment = 3
        image.metadata.pulseID = .max
        image.metadata.receivedAt = 1_700_000_000_123_456_789
        image.metadata.detectorTimestamp = 5
        image.metadata.information = .max
        image.metadata.informationDifference = 4
        image.metadata.expectedPackets = 128
        image.metadata.status = .missingPackets
        var packets = PacketSet(3..<7)
        packets.insert(9)
        packets.insert(511)
        image.metadata.missing = [
            MissingPackets(port: 2, packets: packets), MissingPackets(port: 30, packets: PacketSet(0..<512)),
        ]
        image.metadata.annotations = [
            Annotation("spots", .integer(-7)), Annotation("mean", .number(.nan)), Annotation("a \"b\"\n", .text("\u{1}ü\\")),
            Annotation("hit", .flag(true)),
        ]
        image.metadata.chainRevision = 12
        #expect(try stream.take(image) == .stored)
        _ = try client.receive()
        let parts = try #require(try client.receive())
        #expect(parts.count == 1)
        let expected = """
            {"htype":"image-metadata-1.0","detector":"test","shape":[256,1030],"type":"uint16","content":"raw","segment":3,\
            "id":1152921504606846976,"pulse_id":18446744073709551615,"received_at":1700000000123456789,"detector_timestamp":5,\
            "information":4294967295,"information_difference":4,"status":"missing-packets","expected_packets":128,\
            "missing_packets":518,"missing":[{"stream":2,"packets":[[3,6],[9,9],[511,511]]},\
            {"stream":30,"packets":[[0,511]]}],"annotations":{"spots":-7,"mean":null,"a \\"b\\"\\u000a":"\\u0001ü\\\\","hit":true},\
            "chain_revision":12}
            """
        #expect(String(decoding: parts[0], as: UTF8.self) == expected)
        _ = try header(parts[0])
        try stream.close()
    }

    @Test("A metadata stream has no pixels to cut")
    func refusals() throws {
        let images = try StreamImages()
        #expect(throws: StreamError.self) { try LiveStream(.metadata, binding: "tcp://127.0.0.1:*", binning: 2).open(images.run) }
        #expect(throws: StreamError.self) {
            try LiveStream(.metadata, binding: "tcp://127.0.0.1:*", pattern: .reply).open(images.run)
        }
    }

    @Test("Who is told where an image lies can find its pixels")
    func place() throws {
        let images = try StreamImages()
        let stream = LiveStream(.metadata, binding: "tcp://127.0.0.1:*")
        try stream.open(images.run)
        let client = try StreamClient(to: stream.address)
        try stream.waitForClient(images)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: images.run.format.bytes, alignment: 64)
        let lease = ImageLease(
            bytes: UnsafeRawBufferPointer(bytes), place: ImagePlace(ring: "a \"ring\"", slot: 7, generation: 1 << 40)
        ) {}
        defer { bytes.deallocate() }
        #expect(try stream.take(Image(metadata: ImageMetadata(id: 1), format: images.run.format, lease: lease)) == .stored)
        _ = try client.receive()
        let header = try header(try #require(try client.receive())[0])
        #expect(header["ring"] as? String == "a \"ring\"")
        #expect(header["slot"] as? Int == 7)
        #expect(header["generation"] as? Int == 1 << 40)
        try stream.close()
    }
}
