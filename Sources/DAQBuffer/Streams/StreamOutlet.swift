import DAQCore

/// The socket of a stream that shows pixels.
final class StreamOutlet: ImageOutlet {
    /// What becomes of the pixels before they are encoded.
    enum Cut {
        case reduction(ImageReduction)
        case port(PortCut)
    }

    /// A longer part is not worth a buffer of the pool.
    private static let shortPart = 4096

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
    private var requests = StreamRequests()
    private(set) var bytes: UInt64 = 0

    init(
        _ pattern: StreamPattern, at address: String, in context: ZMQContext, encoder: any StreamEncoder, cut: Cut,
        output: ImageFormat, now: UInt64
    ) throws(ZMQError) {
        self.pattern = pattern
        self.encoder = encoder
        self.cut = cut
        limits = StreamLimits(output)
        pool = PixelBufferPool(bytes: StreamMessage.longestHead + output.bytes, limit: limits.buffers)
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
    var malformed: UInt64 { requests.refused + audience.malformed }

    func isUnheard(at now: UInt64) throws(ZMQError) -> Bool {
        switch pattern {
        case .publish:
            try audience.hear(socket, incoming)
            return audience.isEmpty(at: now)
        case .push: return false
        case .reply:
            try requests.hear(socket, incoming)
            return requests.waiting.isEmpty
        }
    }

    func send(_ image: Image, at now: UInt64) throws(ZMQError) -> SinkOutcome {
        if pattern == .push, try !socket.canSend { return .dropped(.slowClients) }
        guard try begin() else { return .dropped(.slowClients) }
        let pixels: OutgoingPixels
        switch encoded(image) {
        case .ready(let outgoing): pixels = outgoing
        // Clients that have asked wait for the next image.
        case .lost(let reason): return .dropped(reason)
        }
        switch pattern {
        case .publish:
            guard let fate = try post(pixels) else { return .dropped(.slowClients) }
            return audience.noteSent(wasDroppedAtOnce: fate.wasDroppedAtOnce, at: now)
        case .push:
            return try post(pixels) == nil ? .dropped(.slowClients) : .stored
        case .reply:
            var outcome = SinkOutcome.skipped(.nobody)
            for client in requests.take() {
                guard try socket.address(client), let fate = try post(pixels), !fate.wasDroppedAtOnce else { continue }
                outcome = .stored
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

    // MARK: Messages

    /// Tells those who may not know it what follows.
    ///
    /// - Returns: whether there was room for it.
    private func begin() throws(ZMQError) -> Bool {
        let isDue =
            switch pattern {
            case .publish: audience.takeNewcomers()
            case .push: !hasBegun
            case .reply: false
            }
        if isDue {
            message.removeAll()
            encoder.begin(into: &message)
            if !message.parts.isEmpty, try post(nil) == nil { return false }
        }
        hasBegun = true
        return true
    }

    /// What became of an image before it was sent.
    private enum Encoded {
        case ready(OutgoingPixels)
        case lost(SinkLedger.DropReason)
    }

    /// Writes the message of an image.
    private func encoded(_ image: Image) -> Encoded {
        guard let pixels = outgoing(image) else { return .lost(.slowClients) }
        // The owner of another process' ring may have begun to fill the slot while the pixels were copied.
        guard image.lease.isIntact else { return .lost(.overwritten) }
        message.removeAll()
        encoder.encode(image.metadata, pixels: pixels.bytes.bytes, into: &message)
        return .ready(pixels)
    }

    /// Pixels on their way, with their owner.
    private struct OutgoingPixels {
        let bytes: UnsafeRawBufferPointer
        let owner: any AnyObject & Sendable
        /// The buffer that they lie in, which has room before them.
        var buffer: PixelBuffer?
    }

    /// The pixels to send: where they are, or in a buffer when they are cut, when they may change, or when clients could keep
    /// the slot for long.
    private func outgoing(_ image: Image) -> OutgoingPixels? {
        let isWhole = if case .reduction(let reduction) = cut { reduction.isIdentity } else { false }
        if isWhole, pattern == .push, !encoder.joinsPixels, !image.lease.mayChange,
            let lease = CountedLease(image.lease, in: slots, limit: limits.slots)
        {
            return OutgoingPixels(bytes: UnsafeRawBufferPointer(rebasing: image.lease.bytes[..<image.format.bytes]), owner: lease)
        }
        guard let buffer = pool.take() else { return nil }
        image.withBytes { pixels in
            switch cut {
            case .reduction(let reduction): reduction.apply(to: pixels, into: buffer.pixels)
            case .port(let port): port.apply(to: pixels, into: buffer.pixels)
            }
        }
        return OutgoingPixels(bytes: UnsafeRawBufferPointer(buffer.pixels), owner: buffer, buffer: buffer)
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
            case .bytes(let range) where more && range.count <= Self.shortPart:
                isSent = try message.withBytes(range) { bytes throws(ZMQError) in
                    try socket.send(bytes, more: true, wait: false)
                }
            case .bytes(let range):
                let copy = held(message.bytes[range])
                let hold = MessageHold(copy.owner)
                isSent = try socket.send(copy.bytes, held: hold, more: more, wait: false)
                fate = hold
            case .pixels:
                guard let pixels else { preconditionFailure("this message has no pixels") }
                let hold = MessageHold(pixels.owner)
                isSent = try socket.send(pixels.bytes, held: hold, more: more, wait: false)
                fate = hold
            case .joined(let range):
                guard let buffer = pixels?.buffer else { preconditionFailure("these pixels have no room before them") }
                let hold = MessageHold(buffer)
                isSent = try socket.send(buffer.prepend(message.bytes[range]), held: hold, more: more, wait: false)
                fate = hold
            }
            // The parts that are left would begin another message.
            if !isSent { return nil }
        }
        if let pixels, fate?.wasDroppedAtOnce == false { bytes += UInt64(pixels.bytes.count) }
        return fate
    }

    /// A copy of bytes that lasts until they are sent: in a buffer of the pool, or in memory of its own when they are few or many.
    private func held(_ bytes: ArraySlice<UInt8>) -> OutgoingPixels {
        // Without a free buffer the message cannot be given up any more: parts of it may have been sent.
        guard bytes.count > Self.shortPart, bytes.count <= pool.bytes, let buffer = pool.take() else {
            let copy = MessageBytes(bytes)
            return OutgoingPixels(bytes: copy.bytes, owner: copy)
        }
        buffer.bytes.copyBytes(from: bytes)
        return OutgoingPixels(bytes: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<bytes.count]), owner: buffer)
    }
}

extension StreamPattern {
    var socket: ZMQSocket.Pattern {
        switch self {
        case .publish: .publishCounting
        case .push: .push
        case .reply: .router
        }
    }
}
