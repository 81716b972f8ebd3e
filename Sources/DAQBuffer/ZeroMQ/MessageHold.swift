import Glibc
import Synchronization

/// Keeps the bytes of a message part that is sent without a copy, and notices who lets them go.
///
/// ZeroMQ drops a published message silently when nobody listens or everybody is too slow. It does so before `send` returns, on the
/// thread that sends; what is on its way to somebody is let go by a thread of ZeroMQ.
package final class MessageHold: Sendable {
    /// The thread that sends.
    private let sender = pthread_self()
    private let isDropped = Atomic(false)
    /// What owns the bytes.
    private let owner: any AnyObject & Sendable

    /// Keeps `owner` until ZeroMQ has let the part go, and whoever sent it this object.
    package init(_ owner: any AnyObject & Sendable) { self.owner = owner }

    /// Whether the message went to nobody; to be asked by the thread that has sent it.
    package var wasDroppedAtOnce: Bool { isDropped.load(ordering: .relaxed) }

    /// ZeroMQ does not need the bytes any more.
    func noteRelease() {
        if pthread_equal(sender, pthread_self()) != 0 { isDropped.store(true, ordering: .relaxed) }
    }
}
