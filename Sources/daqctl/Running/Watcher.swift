import Dispatch
import Synchronization

/// Does something again and again on a thread of its own, until it is stopped.
final class Watcher: Sendable {
    private let isStopped = Mutex(false)
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Begins.
    init(every seconds: Double, _ action: @escaping @Sendable () -> Void) {
        DispatchQueue.global().async { [self] in
            while !isStopped.withLock({ $0 }) {
                action()
                _ = wake.wait(timeout: .now() + seconds)
            }
            ended.signal()
        }
    }

    /// Ends, and waits until the action does not run any more.
    func stop() {
        let wasStopped = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return isStopped
        }
        guard !wasStopped else { return }
        wake.signal()
        ended.wait()
    }
}
