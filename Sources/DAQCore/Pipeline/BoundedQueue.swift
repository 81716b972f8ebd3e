import Dispatch
import Synchronization

/// A queue of images between two threads, with a limit.
///
/// Offering never waits.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        /// Elements before this index have been taken; moving the rest up once in a while beats doing it every time.
        var first = 0
        var isClosed = false
        var highWater = 0

        var count: Int { elements.count - first }
    }

    private let limit: Int
    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    init(limit: Int) { self.limit = limit }

    /// Appends an element.
    ///
    /// - Returns: whether there was room.
    func offer(_ element: Element) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isClosed, state.count < limit else { return false }
            state.elements.append(element)
            state.highWater = max(state.highWater, state.count)
            return true
        }
        if isAccepted { available.signal() }
        return isAccepted
    }

    /// Waits for an element; `nil` when the queue is closed and empty.
    func take() -> Element? {
        while true {
            let (element, isClosed): (Element?, Bool) = state.withLock { state in
                guard state.count > 0 else { return (nil, state.isClosed) }
                let element = state.elements[state.first]
                state.first += 1
                if state.first == state.elements.count || state.first >= 256 {
                    state.elements.removeFirst(state.first)
                    state.first = 0
                }
                return (element, false)
            }
            if let element { return element }
            if isClosed { return nil }
            available.wait()
        }
    }

    /// No more elements come; those that are in the queue can still be taken.
    func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    /// The most elements that were ever waiting.
    var highWater: Int { state.withLock { $0.highWater } }
}
