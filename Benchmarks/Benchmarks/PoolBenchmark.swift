#if Compression
    import CDAQBench
    import DAQCompression
    import DAQCore
    import Foundation

    /// Packing with two threads of the pool against one, and against two loops without a pool, one on each processor.
    ///
    /// The best of many short runs of each: a processor that something else uses at the time says nothing about the pool.
    struct PoolBenchmark {
        let images = 64
        let repetitions = 100

        func run() throws -> [any ResultLine] {
            // The pool's threads may run where they like.
            _ = bench_unpin()
            let memory = DetectorPixels.counts16.make()
            defer { memory.deallocate() }
            let pixels = UnsafeRawBufferPointer(memory)
            var two = 0.0
            var one = 0.0
            var bareTwo = 0.0
            var bareOne = 0.0
            for _ in 0..<repetitions {
                one = max(one, try speed(pixels, threads: 1))
                two = max(two, try speed(pixels, threads: 2))
                bareOne = max(bareOne, try bareSpeed(pixels, threads: 1))
                bareTwo = max(bareTwo, try bareSpeed(pixels, threads: 2))
            }
            return [
                Measurement(
                    table: .packing, name: "pack-pool", statement: "packing with two threads / with one, photons as uint16",
                    unit: "GB/s of pixels", ours: two, roofline: one, ratio: two / one, goal: .atLeast(1.7)),
                Measurement(
                    table: .packing, name: "pack-pool-bare",
                    statement: "the same two threads / two loops without a pool, which reach "
                        + "\(Double(Int((bareTwo / bareOne * 100).rounded())) / 100) of one",
                    unit: "GB/s of pixels", ours: two, roofline: bareTwo, ratio: two / bareTwo, goal: .atLeast(0.9)),
            ]
        }

        private func speed(_ pixels: UnsafeRawBufferPointer, threads: Int) throws -> Double {
            let format = ImageFormat(width: 1024, height: 512, pixelType: .uint16)
            let pool = try CompressionPool(for: format, threads: threads, depth: 4 * threads)
            let begin = bench_time()
            let taker = Thread { while pool.take() != nil {} }
            taker.start()
            for id in 0..<images {
                let lease = ImageLease(bytes: pixels) {}
                _ = pool.submit(Image(metadata: ImageMetadata(id: UInt64(id)), format: format, lease: lease))
            }
            pool.close()
            pool.join()
            return Double(images * pixels.count) / Double(bench_time() - begin)
        }

        /// The speed of threads that know nothing of each other, each of which packs its share of as many images.
        private func bareSpeed(_ pixels: UnsafeRawBufferPointer, threads: Int) throws -> Double {
            let filter = try BitshuffleFilter(elementBytes: 2)
            let share = images / threads
            let loops = try (0..<threads).map { thread in
                let loop = try PackingLoop(filter, pixels)
                return PinnedThread(cpu: Int32(thread)) { try loop.pack(share) }
            }
            let begin = bench_time()
            for loop in loops { loop.start() }
            for loop in loops { try loop.value() }
            return Double(images * pixels.count) / Double(bench_time() - begin)
        }
    }

    // Sendable: only the thread that it is made for calls it, and its pixels are constant.
    /// A compressor with as many chunks as the pool has for a thread.
    private final class PackingLoop: @unchecked Sendable {
        private static let depth = 4
        private var compressor: BitshuffleCompressor
        private let pixels: UnsafeRawBufferPointer
        private let chunks: [UnsafeMutableRawBufferPointer]

        init(_ filter: BitshuffleFilter, _ pixels: UnsafeRawBufferPointer) throws {
            compressor = try BitshuffleCompressor(filter)
            self.pixels = pixels
            chunks = (0..<Self.depth).map { _ in
                let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: filter.bound(for: pixels.count), alignment: 4096)
                chunk.initializeMemory(as: UInt8.self, repeating: 0)
                return chunk
            }
        }

        deinit { for chunk in chunks { chunk.deallocate() } }

        func pack(_ images: Int) throws {
            for image in 0..<images { _ = try compressor.compress(pixels.bytes, into: chunks[image % Self.depth]) }
        }
    }
#endif
