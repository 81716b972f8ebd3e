import CDAQBench
import DAQCore

/// Sends frames at full speed from the first processor, when it is asked to.
final class FrameSender: Sendable {
    private let orders = BoundedQueue<UInt64>(limit: 1)
    /// Processor time of the orders that are done.
    private let done = BoundedQueue<UInt64>(limit: 1)
    private let thread: PinnedThread<Void>

    init(_ configuration: DetectorConfiguration, port: Int) {
        thread = PinnedThread { [orders, done] in
            // Whoever waits gets an answer also when the sender fails.
            defer { done.close() }
            let sender = try PacedSender(configuration, port: port)
            while let frames = orders.take() { done.offer(try sender.send(frames, rate: 0).cpu) }
        }
        thread.start()
    }

    deinit { orders.close() }

    /// Sends the next frames, and returns when they are on their way.
    ///
    /// - Returns: nanoseconds of processor time that the sender took.
    @discardableResult func send(_ frames: Int) throws -> UInt64 {
        orders.offer(UInt64(frames))
        if let time = done.take() { return time }
        try thread.value()
        throw BenchmarkFailure("the sender has ended")
    }
}
