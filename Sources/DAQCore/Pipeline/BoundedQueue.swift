import Dispatch
import Synchronization

/// A queue between threads, with a limit at which either the new element or the oldest one is given up.
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

    /// What has become of an offer.
    package enum Answer {
        case accepted
        /// Accepted, and this one given up for it.
        case replaced(Element)
        case refused

        /// Whether the element is in the queue now.
        package var isAccepted: Bool { if case .refused = self { false } else { true } }
    }

    private let limit: Int
    private let keepsNewest: Bool
    private let state: Mutex<State>
    private let available = DispatchSemaphore(value: 0)

    /// A queue with `limit` places.
    ///
    /// - Parameter keepsNewest: whether the oldest element makes room in a full queue.
    package init(limit: Int, keepsNewest: Bool = false) {
        self.limit = limit
        self.keepsNewest = keepsNewest
        state = Mutex(State(places: Array(repeating: nil, count: max(0, limit))))
    }

    /// Appends an element.
    @discardableResult package func offer(_ element: Element) -> Answer {
        let answer: Answer = state.withLock { state in
            guard !state.isClosed, limit > 0 else { return .refused }
            guard state.count == limit else {
                state.append(element)
                return .accepted
            }
            guard keepsNewest, let oldest = state.removeFirst() else { return .refused }
            state.append(element)
            return .replaced(oldest)
        }
        // Whoever waits was told of the one that was replaced.
        if case .accepted = answer { available.signal() }
        return answer
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

    /// The first element, if there is one; for a caller without a thread to wait in.
    func takeNow() -> Element? { state.withLock { $0.removeFirst() } }

    /// No more elements come; those that are in the queue can still be taken.
    package func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    /// The most elements that were ever waiting.
    var highWater: Int { state.withLock { $0.highWater } }
}
