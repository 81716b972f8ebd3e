import DAQCore
import Synchronization

/// A hold on a slot by a message, counted for as long as it lasts.
final class CountedLease: Sendable {
    private let lease: ImageLease
    private let count: SlotCount

    /// Holds a slot if fewer than `limit` are held.
    init?(_ lease: ImageLease, in count: SlotCount, limit: Int) {
        guard count.held.load(ordering: .relaxed) < limit else { return nil }
        count.held.add(1, ordering: .relaxed)
        self.lease = lease
        self.count = count
    }

    deinit { count.held.subtract(1, ordering: .relaxed) }
}

/// Slots that are held by messages of one stream.
final class SlotCount: Sendable {
    let held = Atomic(0)
}
