import Synchronization

/// What Ctrl-C stops: known only once something runs, and asked at most once.
///
/// Signals must be taken over while the process has one thread, before anything that could be stopped exists.
final class StopRequest: Sendable {
    private let state = Mutex<(isAsked: Bool, action: (@Sendable () -> Void)?)>((false, nil))

    /// Begins to listen to SIGINT and SIGTERM.
    init() throws(SystemFailure) {
        try StopSignals.install { [self] _ in ask() }
    }

    private func ask() {
        let action = state.withLock { state in
            state.isAsked = true
            return state.action
        }
        action?()
    }

    /// Whether a signal has come.
    var isAsked: Bool { state.withLock { $0.isAsked } }

    /// Calls `action` on the first signal, at once if it has come already.
    func onStop(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.action = action
            return state.isAsked
        }
        if isLate { action() }
    }
}
