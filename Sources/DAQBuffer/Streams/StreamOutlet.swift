import DAQCore

/// The socket of a stream that shows pixels.
final class StreamOutlet: ImageOutlet {
    /// What becomes of the pixels before they are encoded.
    enum Cut {
        case reduction(ImageReduction)
        case port(PortCut)
    }

    /// Milliseconds that clients have for the last messages.
    private static let linger = 500
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
    private let output: ImageFormat
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
        self.output = output
        limits = StreamLimits(output)
        pool = PixelBufferPool(
            bytes: StreamMessage.longestHead + max(output.bytes, encoder.packedBound ?? 0), limit: limits.buffers)
        audience = StreamAudience(at: now)
        var options = ZMQSocketOptions()
        options.sendLimit = limits.queue
        options.receiveLimit = StreamAudience.receiveLimit
        options.largestMessage = 1024
        options.linger = Self.linger
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
        guard try begin(at: now) else { return .dropped(.slowClients) }
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
        // A client that is behind, as it usually is after a fast run, gets the end as well.
        var left = Self.linger
        while pattern == .push, left > 0, try !socket.canSend {
            Pause.milliseconds(10)
            left -= 10
        }
        message.removeAll()
        encoder.end(into: &message)
        _ = try post(nil)
    }

    // MARK: Messages

    /// Tells those who may not know it what follows.
    ///
    /// - Returns: whether there was room for it.
    private func begin(at now: UInt64) throws(ZMQError) -> Bool {
        let isDue =
            switch pattern {
            case .publish: audience.takeNewcomers(at: now)
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
        guard let pixels = encoder.packedBound == nil ? plain(image) : packed(image) else { return .lost(.slowClients) }
        // The owner of another process' ring may have begun to fill the slot while the pixels were copied.
        return image.lease.isIntact ? .ready(pixels) : .lost(.overwritten)
    }

    /// Writes a message whose pixels are sent as they are.
    ///
    /// - Returns: `nil` when there is no room for them.
    private func plain(_ image: Image) -> OutgoingPixels? {
        guard let pixels = outgoing(image) else { return nil }
        message.removeAll()
        encoder.encode(image.metadata, pixels: pixels.bytes.bytes, into: &message)
        return pixels
    }

    /// Writes a message with packed pixels, into a buffer that counts as they do.
    ///
    /// - Returns: `nil` when there is no room for it.
    private func packed(_ image: Image) -> OutgoingPixels? {
        guard let buffer = pool.take() else { return nil }
        message.removeAll()
        if isWhole {
            image.withBytes { encoder.encode(image.metadata, pixels: $0, into: &message) }
        } else {
            guard let pixels = copied(image) else { return nil }
            encoder.encode(image.metadata, pixels: pixels.bytes.bytes, into: &message)
        }
        guard message.bytes.count <= buffer.bytes.count else {
            preconditionFailure("a message of \(message.bytes.count) bytes is longer than its encoder says")
        }
        buffer.bytes.copyBytes(from: message.bytes)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<message.bytes.count])
        return OutgoingPixels(bytes: bytes, owner: buffer, holdsMessage: true)
    }

    /// Pixels on their way, with their owner.
    private struct OutgoingPixels {
        let bytes: UnsafeRawBufferPointer
        let owner: any AnyObject & Sendable
        /// The buffer that they lie in, which has room before them.
        var buffer: PixelBuffer?
        /// Whether the bytes are those of the whole message, with the packed pixels.
        var holdsMessage = false
    }

    /// Whether the image is sent as it is, uncut.
    private var isWhole: Bool { if case .reduction(let reduction) = cut { reduction.isIdentity } else { false } }

    /// The pixels to send: where they are, or in a buffer when they are cut, when they may change, or when clients could keep
    /// the slot for long.
    private func outgoing(_ image: Image) -> OutgoingPixels? {
        if isWhole, pattern == .push, !encoder.joinsPixels, !image.lease.mayChange,
            let lease = CountedLease(image.lease, in: slots, limit: limits.slots)
        {
            return OutgoingPixels(bytes: UnsafeRawBufferPointer(rebasing: image.lease.bytes[..<image.format.bytes]), owner: lease)
        }
        return copied(image)
    }

    /// The pixels that are wanted, in a buffer; `nil` when there is none.
    private func copied(_ image: Image) -> OutgoingPixels? {
        guard let buffer = pool.take() else { return nil }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer.pixels[..<output.bytes])
        image.withBytes { pixels in
            switch cut {
            case .reduction(let reduction): reduction.apply(to: pixels, into: target)
            case .port(let port): port.apply(to: pixels, into: target)
            }
        }
        return OutgoingPixels(bytes: UnsafeRawBufferPointer(target), owner: buffer, buffer: buffer)
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
                let part = held(range, pixels)
                let hold = MessageHold(part.owner)
                isSent = try socket.send(part.bytes, held: hold, more: more, wait: false)
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

    /// A part of the message that lasts until it is sent: where the whole message does, or a copy.
    private func held(_ range: Range<Int>, _ pixels: OutgoingPixels?) -> (
        bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable
    ) {
        if let pixels, pixels.holdsMessage { return (UnsafeRawBufferPointer(rebasing: pixels.bytes[range]), pixels.owner) }
        let copy = MessageBytes(message.bytes[range])
        return (copy.bytes, copy)
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
