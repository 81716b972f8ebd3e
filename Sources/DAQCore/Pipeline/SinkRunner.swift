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
    ///
    /// - Throws: what the sink throws, or ``ThreadError``; the sink is not open then.
    func start(_ run: RunDescription) throws {
        try open(run)
        do {
            let served = try DataThread(name: "daq-\(name)") { [self] in serve() }
            thread.withLock { $0 = served }
        } catch {
            // What it says of its end is of no use beside the reason.
            try? sink.close()
            throw error
        }
    }

    /// Gives an image to the sink, or counts it as dropped.
    ///
    /// Never waits.
    func offer(_ image: Image) {
        let answer = ledgerState.withLock { ledger in
            // In one step: whoever reads the ledger, perhaps for the last time, finds no image between two places.
            let answer = queue.offer(image)
            ledger.offered += 1
            switch answer {
            case .accepted: ledger.waiting += 1
            case .replaced: ledger.dropped[.superseded, default: 0] += 1
            case .refused: ledger.dropped[.queueFull, default: 0] += 1
            }
            return answer
        }
        // An image that was given up for this one is let go without the lock.
        withExtendedLifetime(answer) {}
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
