#if Compression
    import DAQCore
    import Dispatch
    import Synchronization

    /// The order of a pool behind its lock, and where those sleep who wait for something.
    final class PackingDesk: Sendable {
        private let order: Mutex<PackingOrder>
        private let threads = DispatchSemaphore(value: 0)
        private let takers = DispatchSemaphore(value: 0)
        private let submitters = DispatchSemaphore(value: 0)

        init(_ order: PackingOrder) { self.order = Mutex(order) }

        /// Adds an image; waits for its place.
        ///
        /// - Returns: `false` after ``close()``.
        func submit(_ image: Image) -> Bool { wait(submitters) { $0.submit(image) } != nil }

        /// Waits for an image to pack; `nil` when none comes any more.
        func next() -> PackingOrder.Job? { wait(threads) { $0.next() } }

        /// An image is packed, or could not be.
        func finish(_ number: Int, _ chunk: PackingOrder.Chunk) { change { $0.finish(number, chunk) } }

        /// Waits for the next image in order; `nil` when none comes any more.
        func take() -> PackingOrder.Chunk? { wait(takers) { $0.take() } }

        /// Nobody needs the chunk in this memory any more.
        func giveBack(_ memory: ChunkMemory) { change { $0.giveBack(memory) } }

        /// No more images come.
        func close() { change { $0.close() } }

        private func wait<Value: Sendable>(
            _ semaphore: DispatchSemaphore, _ ask: (inout PackingOrder) -> PackingOrder.Answer<Value>
        ) -> Value? {
            while true {
                switch change(ask) {
                case .value(let value): return value
                case .end: return nil
                case .wait: semaphore.wait()
                }
            }
        }

        /// Changes the order and wakes whom that concerns.
        private func change<Result: Sendable>(_ body: (inout PackingOrder) -> Result) -> Result {
            let (result, woken) = order.withLock { order in
                let result = body(&order)
                return (result, order.wake())
            }
            for _ in 0..<woken.threads { threads.signal() }
            for _ in 0..<woken.takers { takers.signal() }
            for _ in 0..<woken.submitters { submitters.signal() }
            return result
        }
    }
#endif
