import CDAQLinux

/// The time that a receiving thread may wait for slots of a full ring (`ring.wait`).
///
/// Nothing is read while it waits, so what arrives meanwhile must fit into its sockets. That is why the time is one for all images
/// until the sockets were found empty again: a ring that stays full costs images, which are counted, and not packets.
package struct SlotPatience: Sendable {
    private let limit: UInt64
    private var left: UInt64
    /// Rests for a moment and tells how many nanoseconds that took.
    private let rest: @Sendable () -> UInt64

    /// Patience of so many nanoseconds.
    package init(_ limit: UInt64, rest: @escaping @Sendable () -> UInt64 = Self.nap) {
        self.limit = limit
        left = limit
        self.rest = rest
    }

    /// Asks again and again while the answer is that the ring is full, as long as there is patience.
    ///
    /// - Parameter ask: is told whether it may be asked again.
    package mutating func ask<Answer>(_ ask: (_ asksAgain: Bool) -> Answer, while isFull: (Answer) -> Bool) -> Answer {
        while left > 0 {
            let answer = ask(true)
            guard isFull(answer) else { return answer }
            left -= min(left, rest())
        }
        return ask(false)
    }

    /// What had arrived meanwhile is read.
    package mutating func refill() { left = limit }

    /// Sleeps for a fraction of a millisecond: nothing tells of slots that other processes give back.
    package static func nap() -> UInt64 {
        let begin = Clock.monotonic()
        cdaq_sleep_us(200)
        return Clock.monotonic() - begin
    }
}
