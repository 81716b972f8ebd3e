/// What shall go wrong between a detector and its receiver.
///
/// The same plan does the same to the same packets, every time.
public struct FaultPlan: Sendable, Equatable {
    /// Seed of all decisions; every stream has a generator of its own made from it.
    public var seed: UInt64 = 1
    /// Probability that a packet is lost.
    public var loss = 0.0
    /// Probability that a packet is sent a second time.
    public var duplicate = 0.0
    /// A packet may be overtaken by up to so many later packets of its stream.
    public var reorder = 0
    /// Probability that a packet is damaged.
    public var corruption = 0.0
    /// The kinds of damage, each as likely as the others.
    public var corruptionKinds = Corruption.Kind.detectable
    /// Packets that are lost for certain.
    public var dropped: Set<PacketAddress> = []
    /// After so many images the frame numbers start again with the first one; nothing else in the header changes.
    public var restartAfter: UInt64?

    /// A plan in which nothing goes wrong.
    public init() {}

    /// Whether nothing goes wrong.
    public var isEmpty: Bool {
        loss <= 0 && duplicate <= 0 && reorder <= 0 && corruption <= 0 && dropped.isEmpty && restartAfter == nil
    }
}

/// A packet that was damaged on its way.
public struct Corruption: Sendable, Hashable {
    /// What was done to it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// One bit was flipped in a header field that does not decide where the packet belongs, or that a receiver can check.
        case flippedBit = "flipped-bit"
        /// Bytes at the end were cut off.
        case truncated
        /// Up to 64 bytes were added at the end.
        case oversize
        /// The header version is 3 or more.
        case version
        /// The detector type is another one.
        case detectorType = "detector-type"
        /// The packet number lies beyond every frame.
        case packetNumber = "packet-number"
        /// The frame number lies far ahead.
        case frameNumber = "frame-number"

        /// The kinds that a receiver can recognise packet by packet.
        public static let detectable: [Kind] = [.flippedBit, .truncated, .oversize, .version, .detectorType, .packetNumber]
    }
    /// The packet as it was.
    public var packet: PacketAddress
    /// What was done to it.
    public var kind: Kind
    /// Where a bit was flipped, as the offset of its byte; -1 for other kinds.
    public var offset: Int
}
