import DAQCore
import Dispatch
import Synchronization

/// The images that wait for the thread of a session, each of which keeps its slot in the ring: so there is a limit.
final class SessionQueue: Sendable {
    /// What ``take(milliseconds:)`` has found.
    enum Item {
        case image(Image)
        /// None has come in time.
        case nothing
        /// None will come any more.
        case end
    }

    private struct State {
        var images: [Image?]
        var first = 0
        var count = 0
        var isClosed = false
    }

    private let state: Mutex<State>
    private let available = DispatchSemaphore(value: 0)

    /// A queue with so many places.
    init(limit: Int) { state = Mutex(State(images: Array(repeating: nil, count: max(1, limit)))) }

    /// Appends an image, and never waits.
    ///
    /// - Returns: whether there was room.
    func offer(_ image: Image) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isClosed, state.count < state.images.count else { return false }
            state.images[(state.first + state.count) % state.images.count] = image
            state.count += 1
            return true
        }
        if isAccepted { available.signal() }
        return isAccepted
    }

    /// Waits for an image, but not for longer than so many milliseconds.
    func take(milliseconds: Int) -> Item {
        let deadline = DispatchTime.now() + .milliseconds(milliseconds)
        while true {
            let item: Item? = state.withLock { state in
                guard state.count > 0 else { return state.isClosed ? .end : nil }
                let image = state.images[state.first].take()
                state.first = (state.first + 1) % state.images.count
                state.count -= 1
                return image.map { .image($0) }
            }
            if let item { return item }
            if available.wait(timeout: deadline) == .timedOut { return .nothing }
        }
    }

    /// No more images come; those that wait can still be taken.
    func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    /// No more images come, and those that wait are given up.
    func abandon() {
        let waiting = state.withLock { state in
            defer { (state.images, state.count, state.isClosed) = ([nil], 0, true) }
            return state.images
        }
        // Leases end here, outside the lock.
        withExtendedLifetime(waiting) {}
        available.signal()
    }
}
