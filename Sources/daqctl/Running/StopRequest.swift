import Synchronization

/// What Ctrl-C stops: known only once something runs, and asked at most once.
///
/// Signals must be taken over while the process has one thread, before anything that could be stopped exists.
final class StopRequest: Sendable {
    private let state = Mutex<(signal: Int32?, action: (@Sendable () -> Void)?)>((nil, nil))

    /// Begins to listen to SIGINT and SIGTERM.
    init() throws(SystemFailure) {
        try StopSignals.install { [self] signal in ask(signal) }
    }

    private func ask(_ signal: Int32) {
        let action = state.withLock { state in
            state.signal = signal
            return state.action
        }
        action?()
    }

    /// Whether a signal has come.
    var isAsked: Bool { signal != nil }

    /// The signal that has come.
    var signal: Int32? { state.withLock { $0.signal } }

    /// Calls `action` on the first signal, at once if it has come already.
    func onStop(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.action = action
            return state.signal != nil
        }
        if isLate { action() }
    }
}
