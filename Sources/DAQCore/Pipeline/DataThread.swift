import CDAQLinux
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A thread of the data path: named, and pinned when asked.
// Sendable: the handle is set once by `init` and read once by `join`, both behind the lock.
package final class DataThread: Sendable {
    private let handle = Mutex<pthread_t?>(nil)

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: shown by tools; 15 characters are kept.
    ///   - cpu: the processor to run on; `nil` leaves it to the kernel.
    /// - Throws: ``ThreadError`` when the system has none left; nothing of `body` has run then.
    package init(name: String, cpu: Int? = nil, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let box = Unmanaged.passRetained(Start(name: name, cpu: cpu, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                _ = cdaq_thread_setup(start.name, Int32(start.cpu ?? -1))
                start.body()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw ThreadError(name: name, errno: status)
        }
        handle.withLock { $0 = thread }
    }

    deinit {
        // Nobody will join it any more, so the system frees what it kept of the thread.
        if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
    }

    /// Waits until the thread has ended.
    package func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Start: Sendable {
        let name: String
        let cpu: Int?
        let body: @Sendable () -> Void

        init(name: String, cpu: Int?, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.cpu = cpu
            self.body = body
        }
    }
}
