#if Compression
    import Testing

    import DAQSimulator
    @testable import DAQCompression

    @Suite("Bitshuffle chunks")
    struct BitshuffleTests {
        static let codecs: [BitshuffleFilter.Codec] = [.lz4, .zstd(level: 0), .zstd(level: -5)]

        private func decoder(_ codec: BitshuffleFilter.Codec) -> BitshuffleDecompressor.Codec { codec == .lz4 ? .lz4 : .zstd }

        @Test(arguments: [1, 2, 4, 8], codecs) func pixelsComeBack(size: Int, codec: BitshuffleFilter.Codec) throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            print("bitshuffle round trip of \(size) bytes, \(codec): seed \(seed)")
            var random = SplitMix64(seed: seed)
            for block in [0, 8, 128, 1000] {
                let filter = try BitshuffleFilter(elementBytes: size, blockElements: block, codec: codec)
                var compressor = try BitshuffleCompressor(filter)
                let lengths =
                    Array(0...17) + [255, 256, 8191, 8192, 8193] + (0..<8).map { _ in Int.random(in: 0...30_000, using: &random) }
                for (index, elements) in lengths.enumerated() {
                    let kind = TestPixels.allCases[index % TestPixels.allCases.count]
                    let pixels = kind.bytes(elements, elementBytes: size, using: &random)
                    let chunk = try packed(pixels, with: &compressor)
                    let back = try unpacked(chunk, bytes: pixels.count, elementBytes: size, decoder(codec))
                    #expect(back == pixels, "\(elements) pixels of \(kind), blocks of \(block)")
                }
            }
        }

        @Test func aChunkSaysWhatItHolds() throws {
            let pixels = [UInt8](repeating: 3, count: 2 * 4099)
            let chunk = try packed(pixels, BitshuffleFilter(elementBytes: 2))
            #expect(chunk.prefix(12) == [0, 0, 0, 0, 0, 0, 0x20, 0x06, 0, 0, 0x20, 0])
            #expect(chunk.suffix(6) == pixels.suffix(6), "elements that do not fill a byte of a row stay as they are")
            let header = ChunkHeader(chunk.span.bytes)
            #expect(header?.pixelBytes == 8198 && header?.blockBytes == 8192)
        }

        @Test func aChunkWithoutABlockSizeHasTheUsualOne() throws {
            var random = SplitMix64(seed: 5)
            let pixels = TestPixels.counts.bytes(20_001, elementBytes: 4, using: &random)
            var chunk = try packed(pixels, BitshuffleFilter(elementBytes: 4))
            for index in 8..<12 { chunk[index] = 0 }
            #expect(try unpacked(chunk, bytes: pixels.count, elementBytes: 4) == pixels)
        }

        @Test func parametersAreThoseOfThePlugin() throws {
            #expect(try BitshuffleFilter(elementBytes: 2).parameters == [0, 4, 2, 0, 2])
            #expect(try BitshuffleFilter(elementBytes: 4, blockElements: 2048).parameters == [0, 4, 4, 2048, 2])
            #expect(
                try BitshuffleFilter(elementBytes: 4, blockElements: 4096, codec: .zstd(level: 3)).parameters == [
                    0, 4, 4, 4096, 3, 3,
                ])
        }

        @Test func whatCannotBePackedIsRefused() throws {
            #expect(throws: CompressionError.elementBytes(3)) { try BitshuffleFilter(elementBytes: 3) }
            #expect(throws: CompressionError.self) { try BitshuffleFilter(elementBytes: 2, blockElements: 12) }
            #expect(throws: CompressionError.self) { try BitshuffleFilter(elementBytes: 2, blockElements: -8) }
            #expect(throws: CompressionError.self) { try BitshuffleFilter(elementBytes: 8, blockElements: .max / 8 * 8) }
            #expect(throws: CompressionError.self) { try BitshuffleFilter(elementBytes: 2, codec: .zstd(level: 100)) }
            #expect(throws: CompressionError.pixels(bytes: 7, elementBytes: 2)) {
                try packed([UInt8](repeating: 0, count: 7), BitshuffleFilter(elementBytes: 2))
            }
            var compressor = try BitshuffleCompressor(BitshuffleFilter(elementBytes: 2))
            let needed = compressor.filter.bound(for: 64)
            #expect(throws: CompressionError.tooSmall(bytes: needed - 1, needed: needed)) {
                try packed([UInt8](repeating: 0, count: 64), with: &compressor, room: needed - 1)
            }
        }
    }
#endif
