#if Compression
    import CDAQBench
    import DAQCompression

    /// Packing or unpacking images on one processor, against the library by the authors of bitshuffle.
    struct PackingBenchmark {
        let name: String
        let statement: String
        let pixels: DetectorPixels
        var isUnpacking = false
        var upstream = UpstreamBitshuffle.Build.native
        let repetitions = 60

        func run() throws -> [any ResultLine] {
            let theirs = try UpstreamBitshuffle(upstream)
            let image = pixels.make()
            let filter = try BitshuffleFilter(elementBytes: pixels.elementBytes)
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: filter.bound(for: image.count), alignment: 4096)
            let unpacked = UnsafeMutableRawBufferPointer.allocate(byteCount: image.count, alignment: 4096)
            defer { for memory in [image, chunk, unpacked] { memory.deallocate() } }
            var compressor = try BitshuffleCompressor(filter)
            var decompressor = try BitshuffleDecompressor(elementBytes: pixels.elementBytes)
            let blocks = chunk.baseAddress.map { $0 + ChunkHeader.bytes }
            let length = try compressor.compress(UnsafeRawBufferPointer(image).bytes, into: chunk)
            var pairs = Pairs()
            for repetition in 0..<repetitions + 5 {
                var begin = bench_thread_time()
                if isUnpacking {
                    try decompressor.decompress(UnsafeRawBufferPointer(rebasing: chunk[..<length]).bytes, into: unpacked)
                } else {
                    _ = try compressor.compress(UnsafeRawBufferPointer(image).bytes, into: chunk)
                }
                let mine = Double(image.count) / Double(bench_thread_time() - begin)
                begin = bench_thread_time()
                let done =
                    isUnpacking
                    ? theirs.decompress(blocks, unpacked.baseAddress, DetectorPixels.count, pixels.elementBytes, 0)
                    : theirs.compress(image.baseAddress, blocks, DetectorPixels.count, pixels.elementBytes, 0)
                let other = Double(image.count) / Double(bench_thread_time() - begin)
                precondition(done > 0, "the library by the authors of bitshuffle refuses with \(done)")
                if repetition >= 5 { pairs.append(ours: mine, roofline: other) }
            }
            precondition(!isUnpacking || unpacked.elementsEqual(image), "other pixels came back")
            return [pairs.measurement(name, statement, unit: "GB/s of pixels", goal: .atLeast(1.0), table: .packing)]
        }
    }
#endif
