import Synchronization

/// A sink with the queue and the thread that serve it.
final class SinkRunner: Sendable {
    private let sink: any ImageSink
    private let queue: BoundedQueue<Image>
    private let ledgerState: Mutex<SinkLedger>
    private let thread = Mutex<DataThread?>(nil)
    /// Name of the sink.
    let name: String

    /// - Parameter limit: images that may wait. With as many as the ring has slots nothing is ever dropped here: the ring is
    ///   the limit, and it counts what it cannot take.
    init(_ sink: any ImageSink, limit: Int) {
        self.sink = sink
        name = sink.name
        queue = BoundedQueue(limit: limit)
        ledgerState = Mutex(SinkLedger(name: name))
    }

    /// Opens the sink, then serves it on a thread of its own.
    func start(_ run: RunDescription) throws {
        try sink.open(run)
        let served = DataThread(name: "daq-\(name)") { [self] in serve() }
        thread.withLock { $0 = served }
    }

    /// Gives an image to the sink, or counts it as dropped.
    ///
    /// Never waits.
    func offer(_ image: Image) {
        ledgerState.withLock { ledger in
            ledger.offered += 1
            ledger.waiting += 1
        }
        guard !queue.offer(image) else { return }
        ledgerState.withLock { ledger in
            ledger.waiting -= 1
            ledger.dropped[.queueFull, default: 0] += 1
        }
    }

    /// No more images come; waits until the sink has stored what it has, and closed.
    func finish() {
        queue.close()
        // Whoever comes second waits in the lock until the thread has ended.
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    var ledger: SinkLedger {
        ledgerState.withLock { ledger in
            var ledger = ledger
            ledger.highWater = queue.highWater
            return ledger
        }
    }

    private func serve() {
        var hasFailed = false
        while let image = queue.take() {
            var outcome = SinkOutcome.dropped(.failed)
            var failure: String?
            if !hasFailed {
                do { outcome = try sink.take(image) } catch { failure = "\(error)" }
            }
            hasFailed = hasFailed || failure != nil
            ledgerState.withLock { ledger in
                ledger.waiting -= 1
                ledger.count(outcome)
                ledger.failure = ledger.failure ?? failure
            }
        }
        do {
            try sink.close()
        } catch {
            ledgerState.withLock { $0.failure = $0.failure ?? "\(error)" }
        }
    }
}
