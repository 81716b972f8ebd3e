#if Compression
    @testable import DAQCompression
    import DAQCore
    import Testing

    @Suite("Order of images that are packed")
    struct PackingOrderTests {
        static let format = ImageFormat(width: 2, height: 1, pixelType: .uint8)

        /// An order without threads, and what it has answered.
        final class Desk {
            private var order: PackingOrder
            private var jobs: [PackingOrder.Job] = []

            init(depth: Int) { order = PackingOrder((0..<depth).map { _ in ChunkMemory(byteCount: 1) }) }

            /// Adds an image.
            ///
            /// - Returns: whether it has found a place.
            func submit(_ id: UInt64) -> Bool {
                let lease = ImageLease(bytes: UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 8), count: 2)) {}
                let image = Image(metadata: ImageMetadata(id: id), format: PackingOrderTests.format, lease: lease)
                if case .value = order.submit(image) { return true } else { return false }
            }

            /// Begins the next image.
            ///
            /// - Returns: whether there was one.
            func begin() -> Bool {
                guard case .value(let job) = order.next() else { return false }
                jobs.append(job)
                return true
            }

            /// Finishes an image that was begun.
            func finish(_ id: UInt64) {
                guard let index = jobs.firstIndex(where: { $0.image.metadata.id == id }) else { return }
                let job = jobs.remove(at: index)
                order.finish(
                    job.number,
                    PackingOrder.Chunk(
                        metadata: job.image.metadata, format: job.image.format, memory: job.memory, length: .success(1)))
            }

            /// Those who have to be woken now.
            func wake() -> PackingOrder.Sleepers { order.wake() }

            func giveBack(_ memory: ChunkMemory) { order.giveBack(memory) }

            func close() { order.close() }

            /// Whether neither threads nor the taker get anything any more.
            func isOver() -> Bool {
                guard case .end = order.next(), case .end = order.take() else { return false }
                return true
            }

            /// Takes the next image and keeps its chunk; its id, if it is ready.
            func take() -> (id: UInt64, memory: ChunkMemory)? {
                guard case .value(let chunk) = order.take() else { return nil }
                return (chunk.metadata.id, chunk.memory)
            }
        }

        @Test func whoHasToWaitIsWokenWhenAThreadHasNoWork() {
            let desk = Desk(depth: 8)
            #expect(!desk.begin() && desk.take() == nil)
            #expect(desk.wake() == .init())
            #expect(desk.submit(1))
            #expect(desk.wake() == .init(threads: 1), "a thread for the image, and nothing to take")
            #expect(desk.begin())
            desk.finish(1)
            #expect(desk.wake() == .init(), "the thread may have more work")
            #expect(!desk.begin())
            #expect(desk.wake() == .init(takers: 1))
            #expect(desk.take()?.id == 1)
        }

        @Test func whileThreadsHaveWorkTheTakerIsWokenForSeveralImages() {
            let desk = Desk(depth: 8)
            #expect(desk.take() == nil)
            for id in 0..<8 { #expect(desk.submit(UInt64(id))) }
            for _ in 0..<4 { #expect(desk.begin()) }
            desk.finish(1)
            desk.finish(2)
            #expect(desk.wake() == .init(), "they are not the next in order")
            desk.finish(0)
            #expect(desk.wake() == .init(takers: 1))
            #expect((0..<3).map { _ in desk.take()?.id } == [0, 1, 2])
            #expect(desk.take() == nil)
            desk.finish(3)
            #expect(desk.wake() == .init(), "one alone")
            while desk.begin() {}
            #expect(desk.wake() == .init(takers: 1), "one alone, but a thread has no work")
        }

        @Test func whileThreadsHaveWorkTheSubmitterIsWokenForHalfOfThePlaces() throws {
            let desk = Desk(depth: 4)
            for id in 0..<4 { #expect(desk.submit(UInt64(id))) }
            #expect(!desk.submit(4))
            for _ in 0..<2 { #expect(desk.begin()) }
            desk.finish(0)
            desk.finish(1)
            let memories = [desk.take(), desk.take()].compactMap { $0?.memory }
            try #require(memories.count == 2)
            #expect(desk.wake() == .init(), "what is taken still counts")
            desk.giveBack(memories[0])
            #expect(desk.wake() == .init())
            desk.giveBack(memories[1])
            #expect(desk.wake() == .init(submitters: 1))
            #expect(desk.submit(4) && desk.submit(5) && !desk.submit(6))
            // A taker that holds all it has taken does not stop the others: a thread without work wakes for one place.
            while desk.begin() {}
            desk.finish(2)
            let next = try #require(desk.take())
            #expect(desk.wake() == .init())
            desk.giveBack(next.memory)
            #expect(desk.wake() == .init(submitters: 1))
        }

        @Test func theEndWakesEverybody() {
            let desk = Desk(depth: 2)
            #expect(!desk.begin() && !desk.begin() && desk.take() == nil)
            desk.close()
            #expect(desk.wake() == .init(threads: 2, takers: 1))
            #expect(!desk.submit(0))
            #expect(desk.isOver())
        }

        @Test func whatIsInsideIsPackedAndTakenAfterTheEnd() {
            let desk = Desk(depth: 2)
            #expect(desk.submit(0) && desk.submit(1) && !desk.submit(2))
            desk.close()
            #expect(desk.wake() == .init(submitters: 1))
            #expect(desk.begin() && desk.begin() && !desk.begin())
            #expect(desk.take() == nil)
            desk.finish(0)
            #expect(desk.wake() == .init(takers: 1))
            #expect(desk.take()?.id == 0)
            desk.finish(1)
            #expect(desk.take()?.id == 1)
            #expect(desk.isOver())
        }
    }
#endif
