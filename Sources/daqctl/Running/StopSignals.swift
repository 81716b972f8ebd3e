import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into an orderly stop: the first one asks for it, the second one ends the process at once.
///
/// Both signals are blocked in every thread and awaited by one thread of their own, so what they cause is ordinary code,
/// not a signal handler that may do next to nothing.
final class StopSignals: Sendable {
    /// Exit codes 130 (SIGINT) and 143 (SIGTERM) follow the custom of shells: 128 and the number of the signal.
    static func exitCode(of signal: Int32) -> Int32 { 128 + signal }

    private let onStop: @Sendable (_ signal: Int32) -> Void
    private let thread = Mutex<pthread_t?>(nil)

    private init(_ onStop: @escaping @Sendable (_ signal: Int32) -> Void) {
        self.onStop = onStop
    }

    /// Begins to wait for signals.
    ///
    /// Must be called while the process has one thread, since only threads started later have the signals blocked; one
    /// call lasts for the life of the process.
    ///
    /// - Parameter onStop: called once, on the waiting thread, with the first signal. It should return soon: until then
    ///   a second signal waits.
    @discardableResult
    static func install(onStop: @escaping @Sendable (_ signal: Int32) -> Void) throws(SystemFailure) -> StopSignals {
        let signals = StopSignals(onStop)
        var set = awaited
        try check(pthread_sigmask(SIG_BLOCK, &set, nil), "blocking SIGINT and SIGTERM")
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(signals)
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<StopSignals>.fromOpaque(argument).takeRetainedValue().wait() }
                return nil
            }, retained.toOpaque())
        if code != 0 { retained.release() }
        try check(code, "starting the thread that waits for signals")
        pthread_detach(thread)
        let started = thread
        signals.thread.withLock { $0 = started }
        return signals
    }

    /// Sends a signal to the waiting thread; for tests, whose process has threads that do not block signals.
    func deliver(_ signal: Int32) {
        thread.withLock { thread in
            if let thread { pthread_kill(thread, signal) }
        }
    }

    private func wait() {
        onStop(next())
        _exit(Self.exitCode(of: next()))
    }

    private func next() -> Int32 {
        var set = Self.awaited
        var signal: Int32 = 0
        // sigwait fails only for a set that holds invalid numbers.
        repeat {} while sigwait(&set, &signal) != 0
        return signal
    }

    private static var awaited: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }

    private static func check(_ code: Int32, _ work: String) throws(SystemFailure) {
        if code != 0 { throw SystemFailure(work: work, code: code) }
    }
}
