import DAQCore
import DAQSimulator
import Testing

@testable import DAQBuffer

@Suite("Forwarding: messages")
struct ForwardMessageTests {
    static func metadata(_ random: inout SplitMix64) -> ImageMetadata {
        var metadata = ImageMetadata(id: random.next())
        metadata.segment = UInt32.random(in: 0...5, using: &random)
        metadata.pulseID = random.next()
        metadata.detectorTimestamp = random.next()
        metadata.information = UInt32.random(in: 0 ... .max, using: &random)
        metadata.informationDifference = UInt32.random(in: 0 ... .max, using: &random)
        metadata.receivedAt = random.next()
        metadata.expectedPackets = Int.random(in: 0...10_000, using: &random)
        metadata.chainRevision = random.next()
        for port in 0..<Int.random(in: 0...4, using: &random) {
            var packets = PacketSet()
            for _ in 0..<Int.random(in: 1...40, using: &random) { packets.insert(Int.random(in: 0..<512, using: &random)) }
            metadata.missing.append(MissingPackets(port: port * 3, packets: packets))
        }
        metadata.status = metadata.missing.isEmpty ? .good : .missingPackets
        let values: [Annotation.Value] = [
            .integer(Int64.min), .number(Double.random(in: -1...1, using: &random)), .number(.infinity), .text("größer µ"),
            .text(""), .flag(true), .flag(false),
        ]
        for (index, value) in values.shuffled(using: &random).prefix(Int.random(in: 0...7, using: &random)).enumerated() {
            metadata.annotations.append(Annotation("value \(index)", value))
        }
        return metadata
    }

    private static func messages(_ random: inout SplitMix64) -> [ForwardMessage] {
        let gap = ForwardGap(segment: 3, first: 10, last: 30, step: 5, givenUp: 2)
        let hello = ForwardHello(
            base: random.next(), format: ImageFormat(width: 7, height: 13, pixelType: .float32), partBytes: random.next(),
            step: 2, maxGap: 10_000, name: "jungfrau")
        return [
            .hello(hello), .part(sequence: random.next(), index: 0, metadata(&random)),
            .part(sequence: random.next(), index: 7, nil), .gap(sequence: random.next(), gap), .end(sequence: random.next()),
            .beat, .state(ForwardState(session: random.next(), next: random.next(), limit: random.next())),
            .refusal("busy"),
        ]
    }

    @Test("What is written is read back exactly", arguments: 0..<50)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        for message in Self.messages(&random) {
            let stream = random.next()
            let decoded = try ForwardMessage.decode(message.encoded(stream: stream))
            // Beats and refusals have no place in the sequence.
            #expect(decoded.stream == stream && decoded.message == message, "seed \(seed)")
        }
    }

    @Test("Cut off, lengthened or damaged messages are refused or read as something harmless, never more", arguments: 0..<30)
    func damaged(seed: Int) {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        for message in Self.messages(&random) {
            let bytes = message.encoded(stream: 1)
            for count in bytes.indices {
                #expect(throws: ForwardMalformation.self, "seed \(seed)") { try ForwardMessage.decode(Array(bytes[..<count])) }
            }
            #expect(throws: ForwardMalformation.self, "seed \(seed)") { try ForwardMessage.decode(bytes + [0]) }
            for _ in 0..<50 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                _ = try? ForwardMessage.decode(damaged)
            }
        }
    }

    @Test("Announced counts are not believed")
    func counts() {
        var bytes = ForwardMessage.part(sequence: 1, index: 0, ImageMetadata(id: 1)).encoded(stream: 1)
        // The number of missing packet sets, then that of annotations, are the last eight bytes.
        for index in bytes.indices.suffix(8) { bytes[index] = 0xFF }
        #expect(throws: ForwardMalformation.body(type: 2)) { try ForwardMessage.decode(bytes) }
    }

    @Test("What a peer says to people is short and changes nothing in a terminal")
    func remarks() throws {
        let nasty = "no\u{1B}[2J\u{7}\r\nready\u{202E}\u{2028}\u{9B}31m" + String(repeating: "größer", count: 5000)
        guard case .refusal(let reason) = try ForwardMessage.decode(ForwardMessage.refusal(nasty).encoded(stream: 1)).message
        else {
            Issue.record("it is no refusal")
            return
        }
        #expect(reason.hasPrefix("no\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}ready\u{FFFD}\u{FFFD}\u{FFFD}31mgrößer"))
        #expect(reason.unicodeScalars.count == 200)
        let hello = ForwardHello(
            base: 1, format: ImageFormat(width: 7, height: 13, pixelType: .int16), partBytes: 1, step: 1, maxGap: 1, name: nasty)
        guard case .hello(let read) = try ForwardMessage.decode(ForwardMessage.hello(hello).encoded(stream: 1)).message else {
            Issue.record("it is no hello")
            return
        }
        #expect(read.name == reason && read.format == hello.format)
    }

    @Test("Another protocol and another version are told apart")
    func versions() {
        #expect(throws: ForwardMalformation.foreign) { try ForwardMessage.decode(Array("GET / HTTP/1.1".utf8)) }
        var bytes = ForwardMessage.beat.encoded(stream: 1)
        bytes[4] = 9
        #expect(throws: ForwardMalformation.version(9)) { try ForwardMessage.decode(bytes) }
    }

    @Test("The bytes are those of the description")
    func bytes() {
        let bytes = ForwardMessage.state(ForwardState(session: 0x0102_0304_0506_0708, next: 5, limit: 9)).encoded(stream: 0xAA)
        let expected: [UInt8] =
            [0x44, 0x41, 0x51, 0x46, 1, 0, 6, 0] + [0xAA, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0, 0, 0, 0, 0]
            + [9, 0, 0, 0, 0, 0, 0, 0] + [8, 7, 6, 5, 4, 3, 2, 1]
        #expect(bytes == expected)
    }
}
