import DAQCore
import Synchronization

/// A sink that takes its time and may fail, and keeps what it was given.
final class SimulatedSink: ImageSink {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    struct State {
        /// The image in its hands.
        var image: Image?
        var accepted = 0
        var isOpen = false
        var closed = 0
    }

    let name: String
    private let plan: Scenario.SinkPlan
    private let state = Mutex(State())

    init(_ index: Int, _ plan: Scenario.SinkPlan) {
        name = "sink-\(index)"
        self.plan = plan
    }

    func open(_ run: RunDescription) throws { state.withLock { $0.isOpen = true } }

    func accept(_ image: Image) throws {
        let count = state.withLock { state in
            state.image = image
            state.accepted += 1
            return state.accepted
        }
        if count - 1 == plan.failsAt { throw Failure(description: "no room") }
    }

    func close() throws {
        state.withLock { state in
            state.closed += 1
            state.isOpen = false
        }
        if plan.failsInClose { throw Failure(description: "does not close") }
    }

    /// The image that was given last, if it was not taken yet.
    func takeImage() -> Image? { state.withLock { $0.image.take() } }

    var closed: Int { state.withLock { $0.closed } }
}
