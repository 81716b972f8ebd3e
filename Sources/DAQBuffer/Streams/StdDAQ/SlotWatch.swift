/// Tells from the ids that the std-daq services name whether the slot of an earlier one can still hold its image.
///
/// Slots follow from ids, and a service says that an image is complete only after it was written. So a slot is safe until the ids
/// have gone nearly once round: some images after the newest one may be being written already. A value without a clock.
struct SlotWatch {
    /// How far the ids had gone when an image was named.
    struct Position: Equatable {
        fileprivate var written: UInt64
    }

    private let slots: UInt64
    /// Slots from the newest image on that may be being written.
    private let margin: UInt64
    /// The slots that have been passed so far.
    private var written: UInt64 = 0
    private var last: UInt64?

    /// The watch for a memory of so many slots.
    init(slots: Int) {
        self.slots = UInt64(max(1, slots))
        margin = self.slots / 8
    }

    /// Notes that an image was named.
    mutating func note(_ id: UInt64) -> Position {
        if let last {
            // An id that goes back is that of services that have started again: the slots up to its own are not relied on.
            let step = id >= last ? id - last : Self.way(from: last % slots, to: id % slots, of: slots)
            // Once round is enough to spoil everything, and keeps the sum from overflowing.
            written += min(step, slots)
        }
        last = id
        return Position(written: written)
    }

    /// Slots from one to another one; once round, when it is the same.
    private static func way(from first: UInt64, to second: UInt64, of slots: UInt64) -> UInt64 {
        second > first ? second - first : second + slots - first
    }

    /// Whether the image that was named then is still in its slot.
    func isSafe(_ position: Position) -> Bool { written - position.written < slots - margin }
}
