import DAQCore
import Testing

@testable import DAQBuffer

@Suite("ZeroMQ sockets")
struct ZMQSocketTests {
    private let options = {
        var options = ZMQSocketOptions()
        options.receiveTimeout = 5000
        options.sendTimeout = 5000
        return options
    }()

    private func text(_ message: borrowing ZMQMessage) -> String {
        message.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    @Test("A message of two parts arrives as it was sent")
    func parts() throws {
        let context = try ZMQContext()
        let receiver = try ZMQSocket(.pull, in: context, options: options)
        let sender = try ZMQSocket(.push, in: context, options: options)
        try sender.connect(try receiver.bind("tcp://127.0.0.1:*"))
        #expect(try sender.send("head", more: true))
        #expect(try sender.send("body"))
        let message = ZMQMessage()
        #expect(try receiver.receive(message))
        #expect(text(message) == "head")
        let (more, count) = (message.hasMore, message.count)
        #expect(more && count == 4)
        #expect(try receiver.receive(message))
        #expect(text(message) == "body")
        let evenMore = message.hasMore
        #expect(!evenMore)
        #expect(try !receiver.receive(message, wait: false))
    }

    @Test("What is left of a message can be skipped")
    func skipping() throws {
        let context = try ZMQContext()
        let receiver = try ZMQSocket(.pull, in: context, options: options)
        let sender = try ZMQSocket(.push, in: context, options: options)
        try sender.connect(try receiver.bind("tcp://127.0.0.1:*"))
        for part in ["a", "b", "c"] { #expect(try sender.send(part, more: part != "c")) }
        #expect(try sender.send("next"))
        let message = ZMQMessage()
        #expect(try receiver.receive(message))
        try receiver.skipRest(message)
        #expect(try receiver.receive(message))
        #expect(text(message) == "next")
    }

    @Test("Pixels are sent from where they lie, and their slot is free again afterwards")
    func pixels() throws {
        let context = try ZMQContext()
        let receiver = try ZMQSocket(.pull, in: context, options: options)
        var sendOptions = options
        sendOptions.linger = 5000
        let sender = try ZMQSocket(.push, in: context, options: sendOptions)
        try sender.connect(try receiver.bind("tcp://127.0.0.1:*"))
        let ring = try ImageRing(format: ImageFormat(width: 64, height: 64, pixelType: .uint16), slots: 2)
        let slot = try #require(ring.claim(for: 1))
        for index in ring.bytes(of: slot).indices { ring.bytes(of: slot)[index] = UInt8(truncatingIfNeeded: index * 7) }
        #expect(try sender.send(pixelsOf: ring.publish(slot, ImageMetadata(id: 1))))
        let message = ZMQMessage()
        #expect(try receiver.receive(message))
        let arrived = message.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
        #expect(arrived == (0..<64 * 64 * 2).map { UInt8(truncatingIfNeeded: $0 * 7) })
        var rounds = 0
        while ring.freeCount < 2, rounds < 500 {
            _ = try receiver.receive(message, wait: false)
            try #require(try !receiver.waitForMessage(milliseconds: 10))
            rounds += 1
        }
        #expect(ring.freeCount == 2)
    }

    @Test("With keys, only a client that knows the server's public key gets through")
    func curve() throws {
        let context = try ZMQContext()
        let keys = try CurveKeys.generate()
        var serverOptions = options
        serverOptions.security = .server(keys)
        let receiver = try ZMQSocket(.pull, in: context, options: serverOptions)
        let address = try receiver.bind("tcp://127.0.0.1:*")

        var strangerOptions = options
        strangerOptions.security = .client(try CurveKeys.generate(), server: try CurveKeys.generate().publicKey)
        let stranger = try ZMQSocket(.push, in: context, options: strangerOptions)
        try stranger.connect(address)
        #expect(try stranger.send("from a stranger"))

        var friendOptions = options
        friendOptions.security = .client(try CurveKeys.generate(), server: keys.publicKey)
        let friend = try ZMQSocket(.push, in: context, options: friendOptions)
        try friend.connect(address)
        #expect(try friend.send("from a friend"))

        let message = ZMQMessage()
        #expect(try receiver.receive(message))
        #expect(text(message) == "from a friend")
        #expect(try !receiver.waitForMessage(milliseconds: 200))
    }

    @Test("Keys: the public one follows from the secret one, and what is no key is refused")
    func keys() throws {
        let keys = try CurveKeys.generate()
        #expect(try CurveKeys(secretKey: keys.secretKey) == keys)
        #expect(throws: CurveKeyError.malformed(characters: 5)) { try CurveKeys(secretKey: "short") }
        #expect(throws: CurveKeyError.malformed(characters: 40)) { try CurveKeys(secretKey: String(repeating: "\"", count: 40)) }
    }

    @Test("A port that is taken, and an address that is none, are refused with advice")
    func refusals() throws {
        let context = try ZMQContext()
        let first = try ZMQSocket(.publish, in: context)
        let address = try first.bind("tcp://127.0.0.1:*")
        let second = try ZMQSocket(.publish, in: context)
        let taken = #expect(throws: ZMQError.self) { try second.bind(address) }
        #expect(taken?.description.contains("choose another port") == true)
        let nonsense = #expect(throws: ZMQError.self) { try second.bind("9001") }
        #expect(nonsense?.description.contains("tcp://HOST:PORT") == true)
    }
}
