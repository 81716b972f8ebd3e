import DAQCore

/// The socket of a stream that shows pixels.
final class StreamOutlet: ImageOutlet {
    /// What becomes of the pixels before they are encoded.
    enum Cut {
        case reduction(ImageReduction)
        case port(PortCut)
    }

    /// Clients may ask so often an image.
    private static let messagesPerImage = 256
    /// A longer request is refused.
    private static let longestRequest = 256

    let address: String
    private let socket: ZMQSocket
    private let pattern: StreamPattern
    private let cut: Cut
    private var encoder: any StreamEncoder
    private var message = StreamMessage()
    private let incoming = ZMQMessage()
    private let pool: PixelBufferPool
    private let limits: StreamLimits
    private let slots = SlotCount()
    private var audience: StreamAudience
    private var hasBegun = false
    /// Whether a client waits for a reply.
    private var isAsked = false
    /// Requests that were none.
    private var refused: UInt64 = 0
    private(set) var bytes: UInt64 = 0

    init(
        _ pattern: StreamPattern, at address: String, in context: ZMQContext, encoder: any StreamEncoder, cut: Cut,
        output: ImageFormat, now: UInt64
    ) throws(ZMQError) {
        self.pattern = pattern
        self.encoder = encoder
        self.cut = cut
        limits = StreamLimits(output)
        pool = PixelBufferPool(bytes: output.bytes, limit: limits.buffers)
        audience = StreamAudience(at: now)
        var options = ZMQSocketOptions()
        options.sendLimit = limits.queue
        options.receiveLimit = 1000
        options.largestMessage = 1024
        options.linger = 500
        socket = try ZMQSocket(pattern.socket, in: context, options: options)
        self.address = try socket.bind(address)
    }

    var subscriptions: Int { audience.subscriptions }
    var malformed: UInt64 { refused + audience.malformed }

    func isUnheard(at now: UInt64) throws(ZMQError) -> Bool {
        switch pattern {
        case .publish:
            try audience.hear(socket, incoming)
            return audience.isEmpty(at: now)
        case .push: return false
        case .reply:
            if !isAsked { try hearRequest() }
            return !isAsked
        }
    }

    func send(_ image: Image, at now: UInt64) throws(ZMQError) -> SinkOutcome {
        switch pattern {
        case .publish:
            guard let fate = try deliver(image, begins: audience.takeNewcomers()) else { return .dropped(.slowClients) }
            let wasDropped = fate.wasDroppedAtOnce
            audience.noteSent(at: now, wasDroppedAtOnce: wasDropped)
            if !wasDropped { return .stored }
            return audience.subscriptions == 0 ? .skipped(.nobody) : .dropped(.slowClients)
        case .push:
            guard try socket.canSend, try deliver(image, begins: !hasBegun) != nil else { return .dropped(.slowClients) }
            return .stored
        case .reply:
            var outcome = SinkOutcome.skipped(.nobody)
            for _ in 0..<Self.messagesPerImage where isAsked {
                guard try deliver(image, begins: false) != nil else { return .dropped(.slowClients) }
                outcome = .stored
                isAsked = false
                try hearRequest()
            }
            return outcome
        }
    }

    func end() throws(ZMQError) {
        guard hasBegun, pattern != .reply else { return }
        message.removeAll()
        encoder.end(into: &message)
        _ = try post(nil)
    }

    // MARK: Clients that ask

    /// Takes the next request, if there is one; those that are none are answered with what is wrong.
    private func hearRequest() throws(ZMQError) {
        for _ in 0..<Self.messagesPerImage {
            guard try socket.receive(incoming, wait: false) else { return }
            let isRequest = incoming.count <= Self.longestRequest && !incoming.hasMore
            try socket.skipRest(incoming)
            if isRequest { return isAsked = true }
            refused += 1
            _ = try socket.send(
                #"{"htype":"error-1.0","error":"a request is one part of at most \#(Self.longestRequest) bytes"}"#, wait: false)
        }
    }

    // MARK: Messages

    /// Encodes and sends an image.
    ///
    /// - Returns: what became of its message; `nil` when there was no room for it.
    private func deliver(_ image: Image, begins: Bool) throws(ZMQError) -> MessageHold? {
        if begins {
            message.removeAll()
            encoder.begin(into: &message)
            if !message.parts.isEmpty, try post(nil) == nil { return nil }
        }
        hasBegun = true
        guard let pixels = outgoing(image) else { return nil }
        message.removeAll()
        encoder.encode(image.metadata, pixels: pixels.bytes.bytes, into: &message)
        let fate = try post(pixels)
        if fate != nil { bytes += UInt64(pixels.bytes.count) }
        return fate
    }

    /// Pixels on their way, with their owner.
    private struct OutgoingPixels {
        let bytes: UnsafeRawBufferPointer
        let owner: any AnyObject & Sendable
    }

    /// The pixels to send: where they are, or in a buffer when they are cut, or when clients could keep the slot for long.
    private func outgoing(_ image: Image) -> OutgoingPixels? {
        let isWhole = if case .reduction(let reduction) = cut { reduction.isIdentity } else { false }
        if isWhole, pattern == .push, let lease = CountedLease(image.lease, in: slots, limit: limits.slots) {
            return OutgoingPixels(bytes: UnsafeRawBufferPointer(rebasing: image.lease.bytes[..<image.format.bytes]), owner: lease)
        }
        guard let buffer = pool.take() else { return nil }
        image.withBytes { pixels in
            switch cut {
            case .reduction(let reduction): reduction.apply(to: pixels, into: buffer.bytes)
            case .port(let port): port.apply(to: pixels, into: buffer.bytes)
            }
        }
        return OutgoingPixels(bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer)
    }

    /// Sends the parts of the message.
    ///
    /// - Returns: what became of it; `nil` when there was no room for it.
    private func post(_ pixels: OutgoingPixels?) throws(ZMQError) -> MessageHold? {
        var fate: MessageHold?
        for (index, part) in message.parts.enumerated() {
            let more = index < message.parts.count - 1
            let isSent: Bool
            switch part {
            case .bytes(let range) where more:
                isSent = try message.withBytes(range) { bytes throws(ZMQError) in
                    try socket.send(bytes, more: true, wait: false)
                }
            case .bytes(let range):
                let copy = MessageBytes(message.bytes[range])
                let hold = MessageHold(copy)
                isSent = try socket.send(copy.bytes, held: hold, wait: false)
                fate = hold
            case .pixels:
                guard let pixels else { preconditionFailure("this message has no pixels") }
                let hold = MessageHold(pixels.owner)
                isSent = try socket.send(pixels.bytes, held: hold, more: more, wait: false)
                fate = hold
            }
            // The parts that are left would begin another message.
            if !isSent { return nil }
        }
        return fate
    }
}

extension StreamPattern {
    var socket: ZMQSocket.Pattern {
        switch self {
        case .publish: .publishCounting
        case .push: .push
        case .reply: .reply
        }
    }
}
