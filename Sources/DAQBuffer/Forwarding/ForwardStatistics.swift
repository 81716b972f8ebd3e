/// What went over the connections of one end.
public struct ForwardStatistics: Sendable, Equatable {
    /// Why a message was not taken.
    public enum Refusal: String, Sendable, Hashable, CaseIterable {
        /// It is no message of this protocol.
        case malformed
        /// It belongs to another version of the protocol.
        case version
        /// It belongs to no stream that was accepted.
        case foreignStream
        /// A hello says what cannot be taken here.
        case hello
        /// A part, gap or confirmation that cannot be at this point of the stream.
        case sequence
        /// The pixels are more, or fewer, than the part has.
        case length
    }

    /// Where this end listens, with the port that was chosen, or connects to.
    public var address = ""
    /// Connections that stand.
    public var connections = 0
    /// Connections that broke.
    public var broken: UInt64 = 0
    /// Parts of images sent, or received and placed.
    public var parts: UInt64 = 0
    /// Bytes of pixels in them.
    public var bytes: UInt64 = 0
    /// Parts received again after a connection broke.
    public var duplicates: UInt64 = 0
    /// Streams accepted: one for each start of a sending end.
    public var streams: UInt64 = 0
    /// Messages that were not taken, by reason.
    public var refused: [Refusal: UInt64] = [:]
    /// Connections that were refused, by either end.
    public var refusedConnections: UInt64 = 0

    /// Nothing yet.
    public init() {}
}

extension ForwardStatistics.Refusal {
    init(_ malformation: ForwardMalformation) {
        self = if case .version = malformation { .version } else { .malformed }
    }
}
