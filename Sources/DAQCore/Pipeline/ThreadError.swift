import Glibc

/// The system gives no more threads.
public struct ThreadError: Error, Equatable, CustomStringConvertible {
    /// What the thread was for, as tools would have shown it.
    public let name: String
    /// What the system said.
    public let errno: Int32

    /// What is missing and where its limits are.
    public var description: String {
        "the system has no thread left for \(name): \(String(cString: strerror(errno))); "
            + "see ulimit -u, and TasksMax of the service or pids.max of the container"
    }
}
