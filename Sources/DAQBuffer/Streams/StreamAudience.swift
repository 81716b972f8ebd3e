import DAQCore

/// Knows whether anybody listens to a published stream, so that nothing is prepared for nobody.
///
/// Announced subscriptions alone cannot be trusted, since a client may also end subscriptions it does not have. So when none seem
/// left, an image is sent to nobody once a second: who takes it, listens.
struct StreamAudience {
    /// How long nobody is believed to listen.
    static let trust: UInt64 = 1_000_000_000

    /// Subscriptions that were announced and not ended.
    private(set) var subscriptions = 0
    /// Whether somebody subscribed since ``takeNewcomers(at:)`` said so.
    private var hasNewcomers = false
    /// When it may say so again.
    private var newcomersAt: UInt64 = 0
    /// Everybody gets what newcomers have to be told, so one who comes again and again must not bring it with every image.
    private static let newcomersPause: UInt64 = 1_000_000_000
    /// Until when nobody listens.
    private var nobodyUntil: UInt64
    /// Messages that were none.
    private(set) var malformed: UInt64 = 0

    /// Nobody listens in the beginning.
    init(at now: UInt64) { nobodyUntil = now + Self.trust }

    /// Whether to send nothing.
    func isEmpty(at now: UInt64) -> Bool { subscriptions == 0 && now < nobodyUntil }

    /// Clients may announce so many subscriptions between two images: what is not taken ZeroMQ keeps, without a limit.
    private static let messagesPerImage = 4096
    /// So many announcements of a client ZeroMQ takes at a time.
    static let receiveLimit = 16

    /// Hears what clients have announced by the socket of the stream.
    mutating func hear(_ socket: borrowing ZMQSocket, _ message: borrowing ZMQMessage) throws(ZMQError) {
        for _ in 0..<Self.messagesPerImage {
            guard try socket.receive(message, wait: false) else { return }
            note(firstByte: message.withBytes { $0.isEmpty ? nil : $0.unsafeLoad(fromByteOffset: 0, as: UInt8.self) })
            try socket.skipRest(message)
        }
    }

    /// A message from a client: its first byte says whether a subscription begins or ends.
    mutating func note(firstByte: UInt8?) {
        switch firstByte {
        case 1:
            subscriptions += 1
            hasNewcomers = true
        case 0: subscriptions = max(0, subscriptions - 1)
        default: malformed += 1
        }
    }

    /// A message was sent; ZeroMQ dropped it at once, or somebody gets it.
    ///
    /// - Returns: what became of its image.
    mutating func noteSent(wasDroppedAtOnce: Bool, at now: UInt64) -> SinkOutcome {
        nobodyUntil = wasDroppedAtOnce ? now + Self.trust : 0
        guard wasDroppedAtOnce else { return .stored }
        // The subscriptions of a client that leaves end a moment after it takes no more messages; until then it looks like a slow one.
        return subscriptions == 0 ? .skipped(.nobody) : .dropped(.slowClients)
    }

    /// Whether there are clients that have to be told what follows; at most once a second.
    mutating func takeNewcomers(at now: UInt64) -> Bool {
        guard hasNewcomers, now >= newcomersAt else { return false }
        hasNewcomers = false
        newcomersAt = now + Self.newcomersPause
        return true
    }
}
