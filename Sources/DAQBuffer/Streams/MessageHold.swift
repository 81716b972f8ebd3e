import Glibc
import Synchronization

/// What keeps the bytes of a message part, and notices who lets them go.
///
/// ZeroMQ drops a published message silently when nobody listens or everybody is too slow. It does so before `send` returns, on the
/// thread that sends; what is on its way to somebody is let go by a thread of ZeroMQ.
final class MessageHold: Sendable {
    /// The thread that sends.
    private let sender = pthread_self()
    private let fate: MessageFate
    /// What owns the bytes.
    private let owner: any AnyObject & Sendable

    init(_ owner: any AnyObject & Sendable, reportingTo fate: MessageFate) {
        self.owner = owner
        self.fate = fate
    }

    deinit { if pthread_equal(sender, pthread_self()) != 0 { fate.noteDrop() } }
}

/// What became of a message, as far as its sender can know.
final class MessageFate: Sendable {
    private let isDropped = Atomic(false)

    /// Whether it went to nobody.
    var wasDroppedAtOnce: Bool { isDropped.load(ordering: .relaxed) }

    fileprivate func noteDrop() { isDropped.store(true, ordering: .relaxed) }
}

/// A hold on a slot by a message, counted for as long as it lasts.
final class CountedLease: Sendable {
    private let owner: any AnyObject & Sendable
    private let count: SlotCount

    /// Holds `owner` if fewer than `limit` are held.
    init?(_ owner: any AnyObject & Sendable, in count: SlotCount, limit: Int) {
        guard count.held.load(ordering: .relaxed) < limit else { return nil }
        count.held.add(1, ordering: .relaxed)
        self.owner = owner
        self.count = count
    }

    deinit { count.held.subtract(1, ordering: .relaxed) }
}

/// Slots that are held by messages of one stream.
final class SlotCount: Sendable {
    let held = Atomic(0)
}
