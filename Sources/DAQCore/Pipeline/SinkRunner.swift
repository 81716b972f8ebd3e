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
        switch sink.demand {
        case .every: queue = BoundedQueue(limit: limit)
        case .newest(let count): queue = BoundedQueue(limit: max(1, min(count, limit)), keepsNewest: true)
        }
        var ledger = SinkLedger(name: name)
        ledger.mayMiss = sink.demand != .every
        ledgerState = Mutex(ledger)
    }

    /// Opens the sink; whoever does not ``start(_:)`` it serves it.
    func open(_ run: RunDescription) throws { try sink.open(run) }

    /// Opens the sink, then serves it on a thread of its own.
    func start(_ run: RunDescription) throws {
        try open(run)
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

    /// Hands over the image that has waited longest, if there is one; never waits.
    ///
    /// - Returns: whether there was one.
    func serveNext() -> Bool {
        guard let image = queue.takeNow() else { return false }
        store(image)
        return true
    }

    /// Closes the sink, after the last image.
    func close() {
        do {
            try sink.close()
        } catch {
            ledgerState.withLock { $0.failure = $0.failure ?? "\(error)" }
        }
    }

    private func serve() {
        while let image = queue.take() { store(image) }
        close()
    }

    private func store(_ image: Image) {
        // Only the one who serves sets it.
        let hasFailed = ledgerState.withLock { $0.failure != nil }
        var outcome = SinkOutcome.dropped(.failed)
        var failure: String?
        if !hasFailed {
            do { outcome = try sink.take(image) } catch { failure = "\(error)" }
        }
        ledgerState.withLock { ledger in
            ledger.waiting -= 1
            ledger.count(outcome)
            ledger.failure = ledger.failure ?? failure
        }
    }
}
