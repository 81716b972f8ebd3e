internal import Synchronization

/// Asks a running transmission to end; it does so within a tenth of a second.
public final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// A flag that is not set.
    public init() {}

    /// Sets the flag, from any thread, more than once if need be.
    public func stop() { flag.store(true, ordering: .relaxed) }

    /// Whether it was set.
    public var isSet: Bool { flag.load(ordering: .relaxed) }
}
