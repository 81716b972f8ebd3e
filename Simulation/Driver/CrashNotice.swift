import Glibc
import Synchronization

/// Tells the seed when the process traps, or a run takes far too long.
enum CrashNotice {
    private static let seed = Atomic<UInt64>(0)
    /// A run takes milliseconds; debug builds and sanitizers take longer.
    private static let longestRun: UInt32 = 120

    /// From now on a crash is announced.
    static func install() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM] {
            signal(number) { number in
                CrashNotice.write(number == SIGALRM ? "does not end" : "ended the process")
                _exit(1)
            }
        }
    }

    /// The next run has this seed.
    static func begin(_ seed: UInt64) {
        self.seed.store(seed, ordering: .relaxed)
        alarm(longestRun)
    }

    /// Only what is allowed in a signal handler: no allocation.
    private static func write(_ what: StaticString) {
        var number = seed.load(ordering: .relaxed)
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(48 + number % 10)
            number /= 10
        } while number > 0
        put("seed ")
        for index in first..<20 {
            var digit = digits[index]
            _ = Glibc.write(STDOUT_FILENO, &digit, 1)
        }
        put(": ")
        put(what)
        put("\n")
    }

    private static func put(_ text: StaticString) { _ = Glibc.write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount) }
}
