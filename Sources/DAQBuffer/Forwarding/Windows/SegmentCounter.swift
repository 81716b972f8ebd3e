import DAQCore

/// Numbers the segments at the receiving end, whose ring promises that (segment, id) is unique whatever senders say.
///
/// The sender's own numbers are kept where they can be. Where ids start again or jump without a new number, as from a sender
/// that has started anew or one that lies, another segment begins.
struct SegmentCounter {
    private var step: UInt64 = 1
    private var maxGap: UInt64 = 0
    /// The segment here, and the sender's name for it.
    private var current: (own: UInt32, sender: UInt32)?
    private var last: UInt64 = 0

    /// A larger jump is another count, whatever a sender calls a gap.
    static let largestJump: UInt64 = 1_000_000
    /// So much an id may grow within a segment at a time: sums of what was left out stay far from overflow.
    static let largestSpan: UInt64 = 1 << 32
    /// A sender's number is kept below this one, so that there are others after it.
    private static let largestNumber: UInt32 = 1 << 31

    /// A sender has come; it counts ids as it says.
    mutating func begin(step: UInt64, maxGap: UInt64) {
        self.step = max(1, step)
        self.maxGap = min(maxGap, Self.largestJump)
    }

    /// What is due next, with its segment here.
    mutating func renamed(_ decision: ReceiveWindow.Decision) -> ReceiveWindow.Decision {
        switch decision {
        case .publish(let slot, var metadata):
            metadata.segment = segment(of: metadata.id, in: metadata.segment)
            return .publish(slot: slot, metadata)
        case .missing(var gap):
            gap.segment = segment(of: gap)
            return .missing(gap)
        case .end: return .end
        }
    }

    /// The segment of the next image.
    mutating func segment(of id: UInt64, in segment: UInt32) -> UInt32 { self.segment(from: id, through: id, in: segment) }

    /// The segment of the next gap.
    mutating func segment(of gap: ForwardGap) -> UInt32 { segment(from: gap.first, through: gap.last, in: gap.segment) }

    private mutating func segment(from first: UInt64, through end: UInt64, in segment: UInt32) -> UInt32 {
        defer { last = end }
        if let current, current.sender == segment, first > last, (first - last - 1) / step <= maxGap,
            end - last <= Self.largestSpan
        {
            return current.own
        }
        let next = current.map { $0.own &+ 1 } ?? 0
        let own = segment >= next && segment < Self.largestNumber ? segment : next
        current = (own, segment)
        return own
    }
}
