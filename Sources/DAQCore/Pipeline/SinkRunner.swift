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
        switch sink.demand {
        case .every: queue = BoundedQueue(limit: limit)
        case .newest(let count): queue = BoundedQueue(limit: max(1, min(count, limit)), keepsNewest: true)
        }
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
        let reason: SinkLedger.DropReason
        switch queue.offer(image) {
        case .accepted: return
        case .replaced: reason = .superseded
        case .refused: reason = .queueFull
        }
        ledgerState.withLock { ledger in
            ledger.waiting -= 1
            ledger.dropped[reason, default: 0] += 1
        }
    }

    /// No more images come; waits until the sink has stored what it has, and closed.
    func finish() {
        queue.close()
        let served = thread.withLock { $0 }
        served?.join()
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
