import Dispatch

/// Does something about every second, as long as this object exists.
final class Ticker: Sendable {
    private let action: @Sendable () -> Void

    /// Begins.
    init(_ action: @escaping @Sendable () -> Void) {
        self.action = action
        Self.wait(for: Reference(ticker: self))
    }

    private static func wait(for reference: Reference) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) {
            guard let ticker = reference.ticker else { return }
            ticker.action()
            wait(for: reference)
        }
    }

    /// Does not keep the ticker alive.
    private struct Reference: Sendable {
        weak let ticker: Ticker?
    }
}
