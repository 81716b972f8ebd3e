#if Compression
    import DAQSimulator
    import DAQCompression
    import DAQCore
    import Foundation
    import Synchronization
    import Testing

    @Suite("Compression pool")
    struct CompressionPoolTests {
        static let format = ImageFormat(width: 256, height: 64, pixelType: .uint16)

        /// Images whose pixels depend on their number, and a count of those whose pixels are still held.
        final class Source: Sendable {
            let held = Atomic<Int>(0)

            func image(_ id: UInt64, bytes: Int = CompressionPoolTests.format.bytes) -> Image {
                var random = SplitMix64(seed: id)
                // Some take longer than others, so that threads overtake each other.
                let kind: TestPixels = id.isMultiple(of: 3) ? .noise : .zeros
                let pixels = kind.bytes(bytes / 2, elementBytes: 2, using: &random)
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
                memory.copyBytes(from: pixels)
                nonisolated(unsafe) let owned = memory
                held.add(1, ordering: .relaxed)
                let lease = ImageLease(bytes: UnsafeRawBufferPointer(memory)) { [self] in
                    owned.deallocate()
                    held.subtract(1, ordering: .relaxed)
                }
                let format = ImageFormat(width: bytes / 2, height: 1, pixelType: .uint16)
                return Image(metadata: ImageMetadata(id: id), format: format, lease: lease)
            }
        }

        /// Runs `body` on a thread of its own; signals when it has returned.
        private func background(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                body()
                done.signal()
            }
            return done
        }

        private func eventually(_ holds: () -> Bool) -> Bool {
            let end = ContinuousClock.now + .seconds(20)
            while !holds() {
                guard ContinuousClock.now < end else { return false }
                usleep(1000)
            }
            return true
        }

        @Test(arguments: [(1, 1), (3, 4)]) func imagesComeOutInOrder(threads: Int, depth: Int) throws {
            let source = Source()
            let pool = try CompressionPool(for: Self.format, threads: threads, depth: depth)
            let submitted = background {
                for id in 0..<200 { #expect(pool.submit(source.image(UInt64(id)))) }
                pool.close()
            }
            var ids: [UInt64] = []
            while let outcome = pool.take() {
                guard case .packed(let packed) = outcome else { return #expect(Bool(false), "\(outcome)") }
                ids.append(packed.metadata.id)
                let chunk = packed.withBytes { $0.withUnsafeBytes { Array($0) } }
                #expect(chunk.count == packed.byteCount)
                let pixels = try unpacked(chunk, bytes: packed.format.bytes, elementBytes: 2)
                let isSame = source.image(packed.metadata.id).withBytes { $0.withUnsafeBytes { $0.elementsEqual(pixels) } }
                #expect(isSame, "image \(packed.metadata.id)")
            }
            #expect(ids == Array(0..<200))
            #expect(submitted.wait(timeout: .now() + 20) == .success)
            pool.join()
            #expect(source.held.load(ordering: .relaxed) == 0)
        }

        @Test func aSlowTakerHoldsTheSubmitterBackAndNoPixels() throws {
            let source = Source()
            let counter = Counter()
            let pool = try CompressionPool(for: Self.format, threads: 2, depth: 3)
            let submitted = background {
                for id in 0..<5 where pool.submit(source.image(UInt64(id))) { counter.value.add(1, ordering: .relaxed) }
            }
            // Three are inside and packed; the fourth waits with its pixels.
            #expect(eventually { counter.value.load(ordering: .relaxed) == 3 && source.held.load(ordering: .relaxed) == 1 })
            usleep(50_000)
            #expect(counter.value.load(ordering: .relaxed) == 3)
            // What was taken counts while it is held.
            let first = pool.take()
            usleep(50_000)
            #expect(counter.value.load(ordering: .relaxed) == 3)
            try #require(first != nil)
            withExtendedLifetime(first) {}
            for _ in 0..<4 { _ = pool.take() }
            #expect(submitted.wait(timeout: .now() + 20) == .success)
            #expect(counter.value.load(ordering: .relaxed) == 5)
        }

        @Test func imagesThatFailedHoldTheSubmitterBackUntilTheyAreTaken() throws {
            let source = Source()
            let counter = Counter()
            let pool = try CompressionPool(for: Self.format, threads: 1, depth: 2)
            let submitted = background {
                for id in 0..<5 {
                    #expect(pool.submit(source.image(UInt64(id), bytes: 4 * Self.format.bytes)))
                    counter.value.add(1, ordering: .relaxed)
                }
                pool.close()
            }
            #expect(eventually { counter.value.load(ordering: .relaxed) == 2 })
            usleep(50_000)
            #expect(counter.value.load(ordering: .relaxed) == 2)
            var taken = 0
            while pool.take() != nil { taken += 1 }
            #expect(taken == 5)
            #expect(submitted.wait(timeout: .now() + 20) == .success)
        }

        @Test func closingLetsTheSubmitterGoAndTheRestBeTaken() throws {
            let source = Source()
            let counter = Counter()
            let pool = try CompressionPool(for: Self.format, threads: 1, depth: 2)
            let submitted = background {
                for id in 0..<4 where pool.submit(source.image(UInt64(id))) { counter.value.add(1, ordering: .relaxed) }
            }
            #expect(eventually { counter.value.load(ordering: .relaxed) == 2 })
            pool.close()
            #expect(submitted.wait(timeout: .now() + 20) == .success)
            #expect(counter.value.load(ordering: .relaxed) == 2, "what is submitted after the end is refused")
            var taken = 0
            while pool.take() != nil { taken += 1 }
            #expect(taken == 2)
        }

        @Test func anImageOfTheWrongSizeFailsAlone() throws {
            let source = Source()
            let pool = try CompressionPool(for: Self.format, threads: 2, depth: 2)
            let submitted = background {
                for id in 0..<10 {
                    let bytes = id % 2 == 1 ? 4 * Self.format.bytes : Self.format.bytes
                    #expect(pool.submit(source.image(UInt64(id), bytes: bytes)))
                }
                pool.close()
            }
            var id: UInt64 = 0
            while let outcome = pool.take() {
                switch outcome {
                case .packed(let packed): #expect(packed.metadata.id == id && id.isMultiple(of: 2))
                case .failed(let metadata, let error):
                    #expect(metadata.id == id && !id.isMultiple(of: 2))
                    #expect(error.description.contains("the chunk may need"))
                }
                id += 1
            }
            #expect(id == 10)
            #expect(submitted.wait(timeout: .now() + 20) == .success)
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
#endif
