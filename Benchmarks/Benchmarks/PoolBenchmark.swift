#if Compression
    import CDAQBench
    import DAQCompression
    import DAQCore
    import Foundation

    /// Packing with two threads against one, with a third that takes the chunks.
    struct PoolBenchmark {
        let images = 400
        let repetitions = 9

        func run() throws -> Measurement {
            // The pool's threads may run where they like.
            _ = bench_unpin()
            let pixels = DetectorPixels.counts16.make()
            defer { pixels.deallocate() }
            var two: [Double] = []
            var one: [Double] = []
            for repetition in 0..<repetitions + 1 {
                let single = try speed(UnsafeRawBufferPointer(pixels), threads: 1)
                let double = try speed(UnsafeRawBufferPointer(pixels), threads: 2)
                if repetition > 0 {
                    one.append(single)
                    two.append(double)
                }
            }
            return Measurement(
                name: "pack-pool", statement: "packing with two threads / with one, photons as uint16", unit: "GB/s of pixels",
                ours: median(two), roofline: median(one), ratio: median(zip(two, one).map { $0 / $1 }), target: 1.7,
                isLowerBound: true)
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
