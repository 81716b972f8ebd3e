#if Compression
    import DAQCompression
    import DAQSimulator

    /// Pixels of the kinds that detectors send, and of those that they should not.
    enum TestPixels: CaseIterable {
        case zeros, counts, masked, noise

        /// `elements` little-endian pixels.
        func bytes(_ elements: Int, elementBytes: Int, using random: inout SplitMix64) -> [UInt8] {
            var bytes: [UInt8] = []
            for _ in 0..<elements {
                let pixel: UInt64 =
                    switch self {
                    case .zeros: 0
                    case .counts: UInt64((0..<4).filter { _ in Bool.random(using: &random) }.count)
                    case .masked: Int.random(in: 0..<10, using: &random) == 0 ? .max : .random(in: 0..<8, using: &random)
                    case .noise: random.next()
                    }
                withUnsafeBytes(of: pixel.littleEndian) { bytes += $0.prefix(elementBytes) }
            }
            return bytes
        }
    }

    /// The chunk of some pixels.
    func packed(_ pixels: [UInt8], _ filter: BitshuffleFilter) throws -> [UInt8] {
        var compressor = try BitshuffleCompressor(filter)
        return try packed(pixels, with: &compressor)
    }

    /// The chunk of some pixels, in memory that is exactly as large as the filter asks for.
    func packed(_ pixels: [UInt8], with compressor: inout BitshuffleCompressor, room: Int? = nil) throws -> [UInt8] {
        let room = room ?? compressor.filter.bound(for: pixels.count)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { memory.deallocate() }
        let length = try compressor.compress(pixels.span.bytes, into: memory)
        return Array(memory[..<length])
    }

    /// The pixels of a chunk.
    func unpacked(_ chunk: [UInt8], bytes: Int, elementBytes: Int, _ codec: BitshuffleDecompressor.Codec = .lz4) throws -> [UInt8]
    {
        var decompressor = try BitshuffleDecompressor(elementBytes: elementBytes, codec: codec)
        var pixels = [UInt8](repeating: 0xEE, count: bytes)
        try pixels.withUnsafeMutableBytes { try decompressor.decompress(chunk.span.bytes, into: $0) }
        return pixels
    }
#endif
