/// Seconds that never run backwards, for progress and summaries.
struct MonotonicClock: Sendable {
    private let start = ContinuousClock.now

    /// Seconds since this clock was made.
    var seconds: Double {
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }
}
