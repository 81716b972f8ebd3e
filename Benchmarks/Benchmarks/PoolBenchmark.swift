#if Compression
    import CDAQBench
    import DAQCompression
    import DAQCore
    import Foundation

    /// Packing with two threads against one, with a third that takes the chunks.
    ///
    /// The best of many short runs of each: a processor that something else uses at the time says nothing about the pool.
    struct PoolBenchmark {
        let images = 64
        let repetitions = 100

        func run() throws -> [any ResultLine] {
            // The pool's threads may run where they like.
            _ = bench_unpin()
            let pixels = DetectorPixels.counts16.make()
            defer { pixels.deallocate() }
            var two = 0.0
            var one = 0.0
            for _ in 0..<repetitions {
                one = max(one, try speed(UnsafeRawBufferPointer(pixels), threads: 1))
                two = max(two, try speed(UnsafeRawBufferPointer(pixels), threads: 2))
            }
            return [
                Measurement(
                    table: .packing, name: "pack-pool", statement: "packing with two threads / with one, photons as uint16",
                    unit: "GB/s of pixels", ours: two, roofline: one, ratio: two / one, goal: .atLeast(1.7))
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
    }
#endif
