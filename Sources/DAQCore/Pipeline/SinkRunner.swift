import Synchronization

/// A sink with the queue and the thread that serve it.
final class SinkRunner: Sendable {
    private let sink: any ImageSink
    private let queue: BoundedQueue<Image>
    private let ledgerState: Mutex<SinkLedger>
    private let thread = Mutex<DataThread?>(nil)

    /// - Parameter limit: images that may wait. With as many as the ring has slots nothing is ever dropped here: the ring is
    ///   the limit, and it counts what it cannot take.
    init(_ sink: any ImageSink, limit: Int) {
        self.sink = sink
        queue = BoundedQueue(limit: limit)
        ledgerState = Mutex(SinkLedger(name: sink.name))
    }

    /// Opens the sink, then serves it on a thread of its own.
    func start(_ run: RunDescription) throws {
        try sink.open(run)
        let served = DataThread(name: "daq-\(sink.name)") { [self] in serve() }
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
        let served = thread.withLock { $0 }
        served?.join()
    }

    var ledger: SinkLedger {
        let backlog = sink.backlog
        var ledger = ledgerState.withLock { $0 }
        ledger.highWater = queue.highWater
        // The sink may know of an image that is not counted here yet; the sum is right at any time all the same.
        func move(_ count: UInt64) -> UInt64 {
            let count = min(count, ledger.stored)
            ledger.stored -= count
            return count
        }
        for (reason, count) in backlog.dropped { ledger.dropped[reason, default: 0] += move(count) }
        ledger.waiting += move(backlog.waiting)
        return ledger
    }

    private func serve() {
        var hasFailed = false
        while let image = queue.take() {
            var failure: String?
            if !hasFailed {
                do { try sink.accept(image) } catch { failure = "\(error)" }
            }
            hasFailed = hasFailed || failure != nil
            ledgerState.withLock { [hasFailed] ledger in
                ledger.waiting -= 1
                if hasFailed { ledger.dropped[.failed, default: 0] += 1 } else { ledger.stored += 1 }
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
