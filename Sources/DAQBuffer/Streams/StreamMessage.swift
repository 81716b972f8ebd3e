/// A message that is being written: parts that are bytes of one buffer, which is used again, or the pixels of the image.
package struct StreamMessage: ~Copyable {
    /// One part of a ZeroMQ message.
    package enum Part: Equatable {
        /// These of ``bytes``.
        case bytes(Range<Int>)
        /// The pixels that the encoder was given.
        case pixels
        /// These of ``bytes``, and then the pixels.
        case joined(Range<Int>)
    }

    /// What was written; encoders append to it, and finish each part with ``endPart()``.
    package var bytes: [UInt8] = []
    /// The parts so far.
    package private(set) var parts: [Part] = []
    /// So many bytes may come before the pixels in one part.
    package static let longestHead = 4096
    /// Where the part that is being written begins.
    private var start = 0

    /// An empty message.
    package init() {
        bytes.reserveCapacity(4096)
        parts.reserveCapacity(8)
    }

    /// Begins another message in the same memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
        start = 0
    }

    /// Makes a part of the bytes that were appended since the last one, even if there are none.
    package mutating func endPart() {
        parts.append(.bytes(start..<bytes.count))
        start = bytes.count
    }

    /// Makes a part of the pixels, which are not copied here.
    ///
    /// - Precondition: every byte that was appended belongs to a part.
    package mutating func appendPixels() {
        precondition(start == bytes.count, "bytes before the pixels need a part of their own")
        parts.append(.pixels)
    }

    /// Makes one part of the bytes that were appended since the last one and of the pixels, which are not copied here.
    ///
    /// Only an encoder that says so by ``StreamEncoder/joinsPixels`` may use it.
    ///
    /// - Precondition: they are no more than ``longestHead``.
    package mutating func joinPixels() {
        precondition(bytes.count - start <= Self.longestHead, "\(bytes.count - start) bytes before the pixels are too many")
        parts.append(.joined(start..<bytes.count))
        start = bytes.count
    }

    /// Lends the bytes of a part for the time of `body`.
    package borrowing func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.bytes.extracting(range))
    }
}
