package import DAQCore

/// A connection to the sender of a stream: what its messages say, and the count of what became of them.
///
/// Used by one thread at a time.
package struct StreamReceiver: ~Copyable {
    /// What came.
    package enum Reception: Equatable {
        case nothing
        case image(StreamedImage)
        case refused
    }

    private let feed: any ImageFeed
    /// An image that was only looked at.
    private var peeked: StreamedImage?
    /// Shape and type that images must have; `nil` before the first one.
    private var format: ImageFormat?

    /// What became of the messages, as far as it is known here.
    package internal(set) var packets = PacketLedger()
    /// Why the last refused message was refused.
    package private(set) var lastRefusal: StreamRefusal?

    /// Whether no message was waiting at the last look, be it that one has come since.
    package var wasEmpty: Bool { feed.wasEmpty }

    /// Connects; a sender that is not there yet may come later.
    ///
    /// - Parameter format: of the images; `nil` takes that of the first one.
    package init(_ source: SourceConfiguration, format: ImageFormat? = nil) throws(ZMQError) {
        feed = try source.feed(of: format)
        self.format = format
    }

    /// Waits for the next message and reads its headers.
    package mutating func receive(milliseconds: Int) throws(ZMQError) -> Reception {
        if let image = peeked.take(), feed.isThere {
            packets.received += 1
            return .image(image)
        }
        guard let result = try feed.next(milliseconds: milliseconds) else { return .nothing }
        packets.received += 1
        do throws(StreamRefusal) {
            let image = try result.get()
            if let format, image.format != format { throw .format(image.format, expected: format) }
            return .image(image)
        } catch {
            refuse(error)
            return .refused
        }
    }

    /// Waits for the first image and takes its format for that of all; the image itself is received afterwards.
    ///
    /// - Returns: `nil` when no image came in time, or it was refused.
    package mutating func learnFormat(milliseconds: Int) throws(ZMQError) -> ImageFormat? {
        guard let result = try feed.next(milliseconds: milliseconds) else { return nil }
        do throws(StreamRefusal) {
            let image = try result.get()
            try feed.prepare(for: image)
            peeked = image
            format = image.format
            return image.format
        } catch {
            packets.received += 1
            refuse(error)
            return nil
        }
    }

    /// Writes the pixels of the image that was received last into a slot.
    ///
    /// - Throws: ``StreamRefusal``.
    mutating func read(_ image: StreamedImage, into slot: UnsafeMutableRawBufferPointer) throws(StreamRefusal) {
        try feed.read(image, into: slot)
    }

    /// Counts a message that cannot be used.
    mutating func refuse(_ refusal: StreamRefusal) {
        lastRefusal = refusal
        switch refusal.verdict {
        case .malformed(let reason): packets.malformed[reason, default: 0] += 1
        case .foreign(let reason): packets.foreign[reason, default: 0] += 1
        case .discarded(let reason): packets.discarded[reason, default: 0] += 1
        }
    }
}
