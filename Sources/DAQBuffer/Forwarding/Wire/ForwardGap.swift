/// Consecutive image ids that the sending end did not send.
public struct ForwardGap: Sendable, Equatable {
    /// Segment of the ids.
    public var segment: UInt32
    /// The first id.
    public var first: UInt64
    /// The last id.
    public var last: UInt64
    /// Distance of the ids.
    public var step: UInt64
    /// How many of them the forwarder gave up because the way, or the far end, was too slow.
    ///
    /// The others never reached it.
    public var givenUp: UInt64

    /// A gap.
    ///
    /// - Precondition: `first <= last`, `step > 0`.
    public init(segment: UInt32, first: UInt64, last: UInt64, step: UInt64, givenUp: UInt64) {
        precondition(first <= last && step > 0)
        self.segment = segment
        self.first = first
        self.last = last
        self.step = step
        self.givenUp = givenUp
    }

    /// Number of ids.
    public var count: UInt64 { (last - first) / step &+ 1 }

    /// The gap as a relay tells it: of what its own sender gave up nothing has reached it.
    ///
    /// - Parameter shift: what the relay's ring has added to the segments of the images.
    func passedOn(_ shift: UInt32) -> ForwardGap {
        ForwardGap(segment: segment &+ shift, first: first, last: last, step: step, givenUp: 0)
    }
}
