#if Compression
    import DAQSimulator
    import DAQCompression
    import Testing

    @Suite("Damaged chunks")
    struct DamagedChunkTests {
        let pixels: [UInt8]
        let chunk: [UInt8]

        init() throws {
            var random = SplitMix64(seed: 11)
            pixels = TestPixels.counts.bytes(10_003, elementBytes: 2, using: &random)
            chunk = try packed(pixels, BitshuffleFilter(elementBytes: 2))
        }

        private func refused(_ chunk: [UInt8], elementBytes: Int = 2, _ codec: BitshuffleDecompressor.Codec = .lz4) -> ChunkError?
        {
            #expect(throws: ChunkError.self) {
                try unpacked(chunk, bytes: pixels.count, elementBytes: elementBytes, codec)
            }
        }

        @Test func everyCutIsNoticed() throws {
            for length in 0..<chunk.count {
                let error = try #require(refused(Array(chunk.prefix(length))))
                #expect(!error.description.isEmpty)
            }
        }

        @Test func lengthsAreNotBelieved() {
            var lying = chunk
            lying[0] = 0x7F
            #expect(refused(lying) == .pixelBytes(0x7F00_0000_0000_4E26, expected: 20006))
            lying = chunk
            lying[12] = 0xFF
            guard case .cut(0, _, _) = refused(lying) else { return #expect(Bool(false), "a block is longer than its chunk") }
            lying = chunk
            lying[11] = 8
            #expect(refused(lying) == .blockBytes(8200, elementBytes: 2))
            #expect(refused(chunk + [0]) == .trailing(bytes: 1))
        }

        @Test func anotherCodecIsNoticed() {
            guard case .block(0, let reason) = refused(chunk, .zstd) else { return #expect(Bool(false), "LZ4 passes for zstd") }
            #expect(!reason.isEmpty)
        }

        @Test func anEmptyBlockIsNoticed() {
            var empty = Array(chunk.prefix(12))
            empty += [UInt8](repeating: 0, count: chunk.count)
            #expect(refused(empty) != nil)
            #expect(refused(empty, .zstd) != nil)
        }
    }
#endif
