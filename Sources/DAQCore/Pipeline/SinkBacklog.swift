/// What became of images that a sink has accepted but not stored.
public struct SinkBacklog: Sendable, Equatable {
    /// Images that are on their way.
    public var waiting: UInt64 = 0
    /// Images that were given up, by reason.
    public var dropped: [SinkLedger.DropReason: UInt64] = [:]

    /// No images.
    public init() {}
}
