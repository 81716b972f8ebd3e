import DAQCore
import DAQSimulator
import Glibc
import Synchronization
import Testing

@testable import DAQBuffer

@Suite("Forwarding: keys and hostile peers", .serialized)
struct ForwardSecurityTests {
    private let format = ImageFormat(width: 7, height: 13, pixelType: .uint16)

    /// A folder for key files.
    private func folder() throws -> String {
        var template = Array("/tmp/daq-keys-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw ZMQError("make", "a folder", code: errno) }
        return String(cString: path)
    }

    @Test("With keys: who is listed gets through, everybody else is refused and shown at both ends")
    func keys() throws {
        let folder = try folder()
        let listener = try ForwardKeys.create("\(folder)/listener")
        let friend = try ForwardKeys.create("\(folder)/friend", peers: [listener.own.publicKey])
        let stranger = try ForwardKeys.create("\(folder)/stranger", peers: [listener.own.publicKey])
        let confused = try ForwardKeys.create("\(folder)/confused", peers: [friend.own.publicKey])
        let allowing = try listener.adding(peers: [friend.own.publicKey])
        let far = try FarEnd(format, ForwardBench.listen { $0.keys = allowing }, once: true)
        for keys in [stranger, confused, nil] {
            let events = Mutex<[ForwardEvent]>([])
            let refused = try Forwarder(
                ForwardBench.connect(far.address) {
                    $0.keys = keys
                    $0.patience = 0.1
                    $0.farewell = 0.5
                }
            ) { event in events.withLock { $0.append(event) } }
            let before = far.source.statistics.refusedConnections
            try ImageFeeder(format, to: refused).feed(1)
            #expect(ForwardBench.wait { events.withLock { $0.contains { if case .refused = $0 { true } else { false } } } })
            #expect(ForwardBench.wait { far.source.statistics.refusedConnections > before })
            try refused.close()
            #expect(refused.backlog.dropped == [.notConfirmed: 1])
        }
        #expect(far.ids.isEmpty)
        let forwarder = try Forwarder(ForwardBench.connect(far.address) { $0.keys = friend })
        try ImageFeeder(format, to: forwarder).feed(1...20)
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...20) && far.seen.wrong.isEmpty)
    }

    @Test("Encrypted messages may be longer than the image they carry")
    func largeEncrypted() throws {
        let folder = try folder()
        let format = ImageFormat(width: 1024, height: 1024, pixelType: .uint16)
        let far = try ForwardKeys.create("\(folder)/far")
        let near = try ForwardKeys.create("\(folder)/near", peers: [far.own.publicKey])
        let allowing = try far.adding(peers: [near.own.publicKey])
        let end = try FarEnd(format, ForwardBench.listen { $0.keys = allowing }, once: true)
        let forwarder = try Forwarder(
            ForwardBench.connect(end.address) {
                $0.keys = near
                $0.partBytes = 0
            })
        try ImageFeeder(format, to: forwarder).feed(1...5)
        try forwarder.close()
        #expect(try end.finish())
        #expect(end.ids == Array(1...5) && end.seen.wrong.isEmpty && forwarder.statistics.broken == 0)
    }

    @Test("Key files: only the owner may read them, and a wrong line is named")
    func files() throws {
        let folder = try folder()
        let keys = try ForwardKeys.create("\(folder)/keys")
        #expect(try ForwardKeys(contentsOf: keys.path) == keys)
        #expect(throws: ForwardError.self) { try ForwardKeys.create("\(folder)/keys") }
        chmod(keys.path, 0o640)
        let open = #expect(throws: ForwardError.self) { try ForwardKeys(contentsOf: keys.path) }
        #expect(open?.description.contains("chmod 600") == true)
        chmod(keys.path, 0o600)
        #expect(throws: CurveKeyError.self) { try keys.adding(peers: ["short"]) }
        // Some editors leave the last line without an end.
        let written = "secret \(keys.own.secretKey)"
        let bare = Glibc.open("\(folder)/bare", O_WRONLY | O_CREAT, 0o600)
        #expect(write(bare, written, written.utf8.count) == written.utf8.count)
        close(bare)
        let friends = try (0..<2).map { _ in try CurveKeys.generate().publicKey }
        let added = try ForwardKeys(contentsOf: "\(folder)/bare").adding(peers: [friends[0]]).adding(peers: friends)
        #expect(added.own == keys.own && added.peers == friends)
        let file = fopen(keys.path, "a")
        fputs("peer nonsense\n", file)
        fclose(file)
        let wrong = #expect(throws: ForwardError.self) { try ForwardKeys(contentsOf: keys.path) }
        #expect(wrong?.description.contains("line 4") == true)
        #expect(throws: ForwardError.self) {
            let far = try ForwardedSource(
                into: ImageRing(format: format, slots: 2), ForwardBench.listen { $0.keys = keys })
            try far.prepare()
        }
    }

    @Test("Hostile messages are counted and refused, and do not disturb the sender", arguments: 0..<4)
    func hostile(seed: Int) throws {
        let far = try FarEnd(format, ForwardBench.listen(), once: true)
        let forwarder = try Forwarder(ForwardBench.connect(far.address) { $0.partBytes = 50 })
        let feeder = try ImageFeeder(format, to: forwarder)
        let context = try ZMQContext()
        var options = ZMQSocketOptions()
        options.sendTimeout = 5000
        let enemy = try ZMQSocket(.dealer, in: context, options: options)
        try enemy.connect(far.address)
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
        // Without keys, whoever comes first is heard.
        try feeder.feed(1)
        #expect(ForwardBench.wait { far.ids == [1] })
        for id in 2...60 as ClosedRange<UInt64> {
            try feeder.feed(id)
            for _ in 0..<10 { try attack(enemy, &random) }
        }
        try forwarder.close()
        #expect(try far.finish())
        #expect(far.ids == Array(1...60) && far.seen.wrong.isEmpty, "seed \(seed)")
        #expect(far.source.ledger.imbalance == nil)
        let refused = far.source.statistics.refused
        #expect(refused[.malformed, default: 0] > 0 && refused[.foreignStream, default: 0] > 0, "seed \(seed): \(refused)")
    }

    private func attack(_ enemy: borrowing ZMQSocket, _ random: inout SplitMix64) throws {
        let metadata = ImageMetadata(id: random.next())
        let hello = ForwardHello(
            base: random.happens(0.5) ? 1 : random.next(),
            format: random.happens(0.5) ? format : ImageFormat(width: 1 << 31, height: 1 << 31, pixelType: .float32),
            partBytes: random.next() >> UInt64.random(in: 0..<64, using: &random), step: 1, maxGap: .max, name: "enemy")
        let messages: [ForwardMessage] = [
            .part(sequence: random.next() % 100, index: UInt32.random(in: 0 ... .max, using: &random), nil),
            .part(sequence: random.next() % 100, index: 0, metadata), .hello(hello), .beat,
            .gap(sequence: 3, ForwardGap(segment: 0, first: 0, last: .max - 1, step: 1, givenUp: 0)), .end(sequence: 5),
            .state(ForwardState(session: 1, next: 9, limit: .max)), .refusal("no"),
        ]
        var bytes = messages.randomElement(using: &random)?.encoded(stream: random.next()) ?? []
        if random.happens(0.3) { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) }
        if random.happens(0.3), !bytes.isEmpty {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let frames = Int.random(in: 0...3, using: &random)
        #expect(try enemy.send(bytes.span.bytes, more: frames > 0))
        for frame in 0..<frames {
            let pixels = [UInt8](repeating: 1, count: Int.random(in: 0...200, using: &random))
            #expect(try enemy.send(pixels.span.bytes, more: frame + 1 < frames))
        }
    }

    @Test("An accepted sender that lies is refused part by part")
    func lyingSender() throws {
        let far = try FarEnd(format, slots: 4, ForwardBench.listen())
        let context = try ZMQContext()
        var options = ZMQSocketOptions()
        options.sendTimeout = 5000
        options.receiveTimeout = 5000
        let liar = try ZMQSocket(.dealer, in: context, options: options)
        try liar.connect(far.address)
        func say(_ message: ForwardMessage, pixels: Int? = nil) throws {
            let bytes = message.encoded(stream: 7)
            #expect(try liar.send(bytes.span.bytes, more: pixels != nil))
            if let pixels { #expect(try liar.send([UInt8](repeating: 0, count: pixels).span.bytes)) }
        }
        try say(.hello(ForwardHello(base: 1, format: format, partBytes: 100, step: 1, maxGap: 100, name: "liar")))
        let metadata = ImageMetadata(id: 1)
        try say(.part(sequence: 1, index: 0, metadata), pixels: 99)
        try say(.part(sequence: 1, index: 0, metadata), pixels: 101)
        try say(.part(sequence: 1, index: 1, nil), pixels: 100)
        try say(.part(sequence: 1, index: 2, nil), pixels: 0)
        try say(.part(sequence: 9, index: 0, metadata), pixels: 100)
        try say(.part(sequence: 1, index: 0, metadata))
        try say(.gap(sequence: 50, ForwardGap(segment: 0, first: 1, last: .max - 1, step: 1, givenUp: .max - 9)))
        try say(.state(ForwardState(session: 1, next: 1, limit: 1)))
        #expect(ForwardBench.wait { far.source.statistics.refused.values.reduce(0, +) >= 8 })
        #expect(far.source.statistics.refused == [.length: 3, .sequence: 3, .malformed: 2])
        #expect(far.ids.isEmpty)
        // A monstrous gap is counted without an overflow, again and again.
        for sequence in 1...3 as ClosedRange<UInt64> {
            let gap = ForwardGap(segment: UInt32(sequence), first: 0, last: .max - 1, step: 1, givenUp: .max - 5)
            try say(.gap(sequence: sequence, gap))
        }
        #expect(ForwardBench.wait { far.source.gaps.count == 3 })
        #expect(far.source.ledger.imbalance == nil)
        try far.stop()
    }
}
