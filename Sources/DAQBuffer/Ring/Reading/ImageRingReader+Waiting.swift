import DAQCore

/// What has ended a reader's wait.
public enum RingEvent: Sendable, Equatable {
    /// There are newer images.
    case images
    /// The time is over.
    case timeout
    /// No more images come; see ``ImageRingReader/condition`` for why.
    case over
}

extension ImageRingReader {
    /// A sleeper looks by itself after so many microseconds, then after twice as many, and so on up to the second number: the
    /// owner wakes fifty times a second at most, and only one sleeper, who may be killed before it wakes the others.
    private static let naps: ClosedRange<UInt32> = 1000...16_000

    /// A year; what is longer ends here.
    private static let longestWait = 366 * 86_400_000

    /// Sleeps until there are images after a publication.
    ///
    /// - Parameter milliseconds: how long at most.
    public func wait(after publication: UInt64, milliseconds: Int) -> RingEvent {
        let begin = Clock.monotonic()
        let limit = UInt64(min(max(0, milliseconds), Self.longestWait)) * 1_000_000
        var nap = Self.naps.lowerBound
        var lastLook = begin
        while true {
            let event = header.words.load32(RingHeader.Offset.event)
            if header.published > publication { return .images }
            let now = Clock.monotonic()
            // What has become of the owner costs a system call or two.
            if now - lastLook > 100_000_000 || limit == 0 || nap == Self.naps.lowerBound {
                lastLook = now
                if condition != .running { return header.published > publication ? .images : .over }
            }
            guard now - begin < limit else { return .timeout }
            leases.ringBell()
            let left = (limit - (now - begin)) / 1000 + 1
            header.words.wait32(
                RingHeader.Offset.event, while: event, microseconds: UInt32(min(UInt64(nap), left)))
            // The owner wakes one; it wakes the others, on its own time.
            if header.words.load32(RingHeader.Offset.event) != event {
                header.words.wake32(RingHeader.Offset.event, count: .max)
            }
            nap = min(nap * 2, Self.naps.upperBound)
        }
    }
}
