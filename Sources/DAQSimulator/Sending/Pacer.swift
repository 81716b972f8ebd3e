internal import CDAQLinux
internal import Glibc

/// Waits for points in time (CLOCK_MONOTONIC, nanoseconds): sleeps with an absolute deadline, spins only for what is left.
///
/// Making one asks the kernel for precise timers for the calling thread, which should be the one that waits.
struct Pacer {
    /// A timer wakes about this much late, so the last part of a wait is spun.
    private static let spin: UInt64 = 15_000
    /// Longest sleep before the stop flag is looked at again.
    private static let longestSleep: UInt64 = 50_000_000

    private let stop: StopFlag

    init(stop: StopFlag) {
        self.stop = stop
        _ = cdaq_precise_timers()
    }

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Waits until `deadline`, or until the flag is set.
    ///
    /// - Returns: the time it then is.
    func wait(until deadline: UInt64) -> UInt64 {
        var now = Self.now()
        while now < deadline, !stop.isSet {
            if deadline - now > 2 * Self.spin {
                let wake = min(deadline - Self.spin, now + Self.longestSleep)
                var time = timespec(tv_sec: Int(wake / 1_000_000_000), tv_nsec: Int(wake % 1_000_000_000))
                _ = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
            }
            now = Self.now()
        }
        return now
    }
}
