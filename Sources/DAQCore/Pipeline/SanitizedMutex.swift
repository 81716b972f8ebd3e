#if THREAD_SANITIZED
    import Glibc

    /// What `Synchronization.Mutex` is, made of a lock that the thread sanitizer knows.
    ///
    /// The slow path of the standard one lies in a library that is not instrumented, so every contended access looks like a
    /// race. Builds with `-DTHREAD_SANITIZED` use this type instead, in each module that has this file; no other build does.
    // Sendable: the value is only reached while the lock is held.
    struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
        private let lock: UnsafeMutablePointer<pthread_mutex_t>
        private let value: UnsafeMutablePointer<Value>

        init(_ initial: consuming sending Value) {
            lock = .allocate(capacity: 1)
            pthread_mutex_init(lock, nil)
            value = .allocate(capacity: 1)
            value.initialize(to: initial)
        }

        deinit {
            value.deinitialize(count: 1)
            value.deallocate()
            pthread_mutex_destroy(lock)
            lock.deallocate()
        }

        borrowing func withLock<Result: ~Copyable, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            return try body(&value.pointee)
        }
    }
#endif
