import Glibc

/// The two clocks of the data path.
package enum Clock {
    /// Nanoseconds of a clock that never jumps; for time-outs.
    package static func monotonic() -> UInt64 { now(CLOCK_MONOTONIC) }

    /// Nanoseconds since 1970, UTC; for time stamps that people read.
    package static func utc() -> UInt64 { now(CLOCK_REALTIME) }

    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
