import DAQCore

/// The socket of a stream that tells about images but does not show them.
final class MetadataOutlet: ImageOutlet {
    /// Messages that may wait for a client, as std-daq has it.
    private static let queue = 50_000

    let address: String
    private let socket: ZMQSocket
    private let pattern: StreamPattern
    private var encoder: any MetadataEncoder
    private var message = StreamMessage()
    private let incoming = ZMQMessage()
    private var audience: StreamAudience
    private(set) var bytes: UInt64 = 0

    init(
        _ pattern: StreamPattern, at address: String, in context: ZMQContext, encoder: any MetadataEncoder, now: UInt64
    ) throws(ZMQError) {
        self.pattern = pattern
        self.encoder = encoder
        audience = StreamAudience(at: now)
        var options = ZMQSocketOptions()
        options.sendLimit = Self.queue
        options.receiveLimit = StreamAudience.receiveLimit
        options.largestMessage = 1024
        // The last messages of a run are on their way when it closes.
        options.linger = 500
        socket = try ZMQSocket(pattern.socket, in: context, options: options)
        self.address = try socket.bind(address)
    }

    var subscriptions: Int { audience.subscriptions }
    var malformed: UInt64 { audience.malformed }

    func isUnheard(at now: UInt64) throws(ZMQError) -> Bool {
        guard pattern == .publish else { return false }
        try audience.hear(socket, incoming)
        return audience.isEmpty(at: now)
    }

    func send(_ image: Image, at now: UInt64) throws(ZMQError) -> SinkOutcome {
        message.removeAll()
        encoder.encode(image, into: &message)
        let copy = MessageBytes(message.bytes[...])
        let hold = MessageHold(copy)
        guard try socket.send(copy.bytes, held: hold, wait: false) else { return .dropped(.slowClients) }
        var outcome = SinkOutcome.stored
        if pattern == .publish {
            outcome = audience.noteSent(wasDroppedAtOnce: hold.wasDroppedAtOnce, at: now)
        }
        if outcome == .stored { bytes += UInt64(copy.bytes.count) }
        return outcome
    }

    func end() {}
}
