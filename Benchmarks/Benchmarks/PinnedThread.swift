import CDAQBench
import Dispatch
import Synchronization

/// Work on a thread of its own on one processor: the first, where senders run, unless it is said otherwise.
final class PinnedThread<Value: Sendable>: Sendable {
    private let cpu: Int32
    private let body: @Sendable () throws -> Value
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// Work that begins with ``start()``.
    init(cpu: Int32 = 0, _ body: @escaping @Sendable () throws -> Value) {
        self.cpu = cpu
        self.body = body
    }

    func start() { Work { self.run() }.start(on: cpu) }

    private func run() {
        let outcome = Result { try body() }
        self.outcome.withLock { $0 = outcome }
        done.signal()
    }

    /// Whether the work is over.
    var isOver: Bool { outcome.withLock { $0 != nil } }

    /// Waits for the work.
    func value() throws -> Value {
        done.wait()
        return try outcome.withLock { outcome in
            guard let outcome else { throw BenchmarkFailure("a thread has ended without a result") }
            return try outcome.get()
        }
    }
}

/// A closure on its way through a C function pointer, which knows no generic types.
private final class Work: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func start(on cpu: Int32) {
        bench_spawn_pinned(cpu, Unmanaged.passRetained(self).toOpaque()) { argument in
            guard let argument else { return }
            Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        }
    }
}
