package import DAQCore

/// Says what the messages of one stream format look like.
///
/// A value without sockets, clocks and threads. A stream owns one encoder for each of its sockets and calls it from one thread:
/// ``begin(into:)`` whenever somebody may have joined, ``encode(_:pixels:into:)`` for every image it sends, and ``end(into:)``
/// after the last. What they leave in the message is sent; if they leave nothing, nothing is.
package protocol StreamEncoder {
    /// Whether the pixels are in one part with bytes before them (``StreamMessage/joinPixels()``).
    var joinsPixels: Bool { get }

    /// The most bytes that an image's pixels become when they are packed; `nil` when they are sent as they are.
    var packedBound: Int? { get }

    /// The message that tells what follows. It may be asked for again for clients that came later.
    mutating func begin(into message: inout StreamMessage)

    /// The message of an image.
    ///
    /// - Parameters:
    ///   - metadata: of the image.
    ///   - pixels: as ``StreamDescription/format`` says. To send them as they are append them with
    ///     ``StreamMessage/appendPixels()``, which does not copy them; to send something else append that.
    mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage)

    /// The message that tells that no images follow.
    mutating func end(into message: inout StreamMessage)
}

extension StreamEncoder {
    package var joinsPixels: Bool { false }
    package var packedBound: Int? { nil }
    package mutating func begin(into message: inout StreamMessage) {}
    package mutating func end(into message: inout StreamMessage) {}
}

/// What an encoder is told before the first image.
package struct StreamDescription: Sendable {
    /// Configuration and format of the run's images.
    package var run: RunDescription
    /// What the stream makes of them.
    package var reduction: ImageReduction
    /// How the pixels are packed.
    package var compression: StreamCompression
    /// Shape and type of the pixels that the encoder gets: those of the run, cut and binned.
    package var format: ImageFormat { reduction.output }

    package init(run: RunDescription, reduction: ImageReduction, compression: StreamCompression = .none) {
        self.compression = compression
        self.run = run
        self.reduction = reduction
    }
}
