package import DAQCore

/// Decides image by image whether a stream sends it.
package struct StreamSelector: Sendable {
    private let selection: StreamSelection
    /// Images asked about since the last one that was taken.
    private var passed = 0
    /// When the next image, or burst, may begin.
    private var dueAt: UInt64 = 0
    /// Images left of a burst.
    private var left = 0

    package init(_ selection: StreamSelection) { self.selection = selection }

    /// Whether the stream sends an image.
    ///
    /// - Parameter now: nanoseconds of a clock that never goes back.
    package mutating func takes(_ id: UInt64, at now: UInt64) -> Bool {
        switch selection {
        case .image: true
        case .nth(let n): isNth(max(1, n))
        case .hertz(let rate): isDue(now, rate)
        case .burst(let images, let rate): continuesBurst(max(1, images), now, rate)
        case .batch(let images, let of): id % UInt64(max(1, of)) < UInt64(max(0, images))
        }
    }

    private mutating func isNth(_ n: Int) -> Bool {
        defer { passed = passed + 1 == n ? 0 : passed + 1 }
        return passed == 0
    }

    private mutating func isDue(_ now: UInt64, _ rate: Double) -> Bool {
        guard now >= dueAt else { return false }
        let period = UInt64(min(max(1e9 / rate, 1), 1e18))
        // An image that comes a bit late does not delay those after it; a pause is not caught up.
        dueAt = now - dueAt < period ? dueAt + period : now + period
        return true
    }

    private mutating func continuesBurst(_ images: Int, _ now: UInt64, _ rate: Double) -> Bool {
        if left > 0 {
            left -= 1
            return true
        }
        guard isDue(now, rate) else { return false }
        left = images - 1
        return true
    }
}
