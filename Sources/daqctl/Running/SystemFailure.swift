import Glibc

/// A system call that failed.
struct SystemFailure: Error, Equatable, CustomStringConvertible {
    /// What was tried, to be read before "failed".
    let work: String
    /// The value of `errno`.
    let code: Int32

    var description: String { "\(work) failed: \(String(cString: strerror(code)))" }
}
