package import DAQCore

/// A connection to the sender of a stream, and what its messages say.
///
/// Used by one thread at a time.
package struct StreamReceiver: ~Copyable {
    /// What came.
    package enum Reception: Equatable {
        case nothing
        case image(StreamedImage)
        case refused
    }

    private let socket: ZMQSocket
    private var message = ReceivedMessage(limit: BsreadDecoder.maximumParts)
    private var payload = StreamPayload()
    private var decoder: any ImageMessageDecoder
    /// Whether no message was waiting at the last look, be it that one has come since.
    package private(set) var wasEmpty = false
    /// A message that was only looked at.
    private var peeked: StreamedImage?
    /// Shape and type that images must have; `nil` before the first one.
    private var format: ImageFormat?

    /// What became of the messages, as far as it is known here.
    var packets = PacketLedger()
    /// Why the last refused message was refused.
    package private(set) var lastRefusal: StreamRefusal?

    /// Connects; a sender that is not there yet may come later.
    ///
    /// - Parameter format: of the images; `nil` takes that of the first one.
    package init(_ source: SourceConfiguration, format: ImageFormat? = nil) throws(ZMQError) {
        var options = ZMQSocketOptions()
        // What is larger than an image should be seen and refused with a reason, but not without a limit.
        let largest = format.map { max(4 * $0.bytes, 64 << 20) } ?? 128 << 20
        options.largestMessage = largest
        options.receiveLimit = max(2, Self.queueBytes / largest / source.connections)
        // A sender that vanished without a word is noticed and connected to again.
        options.keepAlive = 5
        let context = try ZMQContext(ioThreads: source.connections)
        let socket = try ZMQSocket(source.pattern == .pull ? .pull : .subscribe, in: context, options: options)
        for _ in 0..<source.connections { try socket.connect(source.address) }
        self.socket = socket
        decoder = source.decoder
        self.format = format
    }

    /// Bytes of messages that may wait to be taken.
    private static let queueBytes = 512 << 20

    /// Waits for the next message and reads its headers.
    package mutating func receive(milliseconds: Int) throws(ZMQError) -> Reception {
        if let image = peeked.take() { return .image(image) }
        wasEmpty = try !message.receive(from: socket)
        if wasEmpty {
            guard try socket.waitForMessage(milliseconds: milliseconds), try message.receive(from: socket) else {
                return .nothing
            }
        }
        packets.received += 1
        do throws(StreamRefusal) {
            let image = try decoder.decode(message.parts)
            if let format, image.format != format { throw .format(image.format, expected: format) }
            return .image(image)
        } catch {
            refuse(error)
            return .refused
        }
    }

    /// Waits for the first image and takes its format for that of all; the image itself is received afterwards.
    ///
    /// - Returns: `nil` when no image came in time, or a message was refused.
    package mutating func learnFormat(milliseconds: Int) throws(ZMQError) -> ImageFormat? {
        guard case .image(let image) = try receive(milliseconds: milliseconds) else { return nil }
        peeked = image
        format = image.format
        return image.format
    }

    /// Writes the pixels of the image that was received last into a slot.
    ///
    /// - Throws: ``StreamRefusal``.
    mutating func read(_ image: StreamedImage, into slot: UnsafeMutableRawBufferPointer) throws(StreamRefusal) {
        try payload.read(message.parts[image.payloadPart], of: image, into: slot)
    }

    /// Counts a message that cannot be used.
    mutating func refuse(_ refusal: StreamRefusal) {
        lastRefusal = refusal
        switch refusal.verdict {
        case .malformed(let reason): packets.malformed[reason, default: 0] += 1
        case .foreign(let reason): packets.foreign[reason, default: 0] += 1
        case .packet: break
        }
    }
}
