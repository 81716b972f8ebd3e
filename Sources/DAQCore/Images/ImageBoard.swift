import Dispatch
import Synchronization

/// The place where receiving threads meet: the synchroniser behind a lock that is taken once a frame and once a visit of a
/// socket, never once a packet, and the decided images on their way out.
final class ImageBoard: Sendable {
    private struct State: ~Copyable {
        var synchronizer: ImageSynchronizer
        var decisions: [ImageDecision] = []
        var isFinished = false
    }

    private let state: Mutex<State>
    private let decided = DispatchSemaphore(value: 0)

    init(_ synchronizer: ImageSynchronizer) {
        state = Mutex(State(synchronizer: synchronizer))
    }

    /// Lends the synchroniser, then passes on what has become due.
    func with<Result>(_ body: (inout ImageSynchronizer) -> Result) -> Result {
        var hasNews = false
        let result = state.withLock { state in
            let result = body(&state.synchronizer)
            let before = state.decisions.count
            state.synchronizer.settle { state.decisions.append($0) }
            hasNews = before == 0 && !state.decisions.isEmpty
            return result
        }
        if hasNews { decided.signal() }
        return result
    }

    /// Decides everything that is still pending; all ports have closed their frames.
    func finish() {
        state.withLock { state in
            state.synchronizer.finishAll { state.decisions.append($0) }
            state.isFinished = true
        }
        decided.signal()
    }

    /// Waits for decided images and returns them in order; `nil` after the last one.
    func nextDecisions() -> [ImageDecision]? {
        while true {
            // Read before the decisions: what is decided later is not the last.
            let isFinished = state.withLock { $0.isFinished }
            let decisions = takeDecisions()
            if !decisions.isEmpty { return decisions }
            if isFinished { return nil }
            decided.wait()
        }
    }

    /// The images decided by now, in order, without waiting.
    func takeDecisions() -> [ImageDecision] {
        state.withLock { state in
            defer { state.decisions.removeAll(keepingCapacity: true) }
            return state.decisions
        }
    }

    /// What happened to image ids so far.
    var ledger: ImageLedger { state.withLock { $0.synchronizer.ledger } }
}
