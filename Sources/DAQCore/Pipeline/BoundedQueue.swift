import Dispatch
import Synchronization

/// A queue between threads, with a limit.
///
/// Offering never waits.
package final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        /// A circle of places; those without an element hold nothing, so that what was taken is let go at once.
        var places: [Element?]
        var first = 0
        var count = 0
        var isClosed = false
        var highWater = 0

        mutating func append(_ element: Element) {
            places[(first + count) % places.count] = element
            count += 1
            highWater = max(highWater, count)
        }

        mutating func removeFirst() -> Element? {
            guard count > 0 else { return nil }
            let element = places[first].take()
            first = (first + 1) % places.count
            count -= 1
            return element
        }
    }

    private let limit: Int
    private let state: Mutex<State>
    private let available = DispatchSemaphore(value: 0)

    /// A queue with `limit` places.
    package init(limit: Int) {
        self.limit = limit
        state = Mutex(State(places: Array(repeating: nil, count: max(0, limit))))
    }

    /// Appends an element.
    ///
    /// - Returns: whether there was room.
    package func offer(_ element: Element) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.isClosed, state.count < limit else { return false }
            state.append(element)
            return true
        }
        if isAccepted { available.signal() }
        return isAccepted
    }

    /// Waits for an element; `nil` when the queue is closed and empty.
    package func take() -> Element? {
        while true {
            let (element, isClosed) = state.withLock { ($0.removeFirst(), $0.isClosed) }
            if let element { return element }
            if isClosed {
                // The one signal that `close` gives is for everybody who waits.
                available.signal()
                return nil
            }
            available.wait()
        }
    }

    /// No more elements come; those that are in the queue can still be taken.
    package func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    /// The most elements that were ever waiting.
    var highWater: Int { state.withLock { $0.highWater } }
}
