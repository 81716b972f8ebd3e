#if Compression
    import DAQCompression
    import DAQSimulator
    import Glibc
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

        /// Memory that ends where reading or writing on would end the process.
        private final class FencedMemory {
            private static let page = Int(getpagesize())
            private let pages: UnsafeMutableRawPointer
            private let bytes: Int
            let memory: UnsafeMutableRawBufferPointer

            init(_ count: Int) throws {
                let whole = (count + Self.page - 1) / Self.page * Self.page
                bytes = whole + Self.page
                let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                pages = try #require(mapped != MAP_FAILED ? mapped : nil)
                try #require(mprotect(pages + whole, Self.page, PROT_NONE) == 0)
                memory = UnsafeMutableRawBufferPointer(start: pages + whole - count, count: count)
            }

            deinit { munmap(pages, bytes) }
        }

        @Test(
            "Cut off anywhere, or with any byte changed, a chunk is never read behind its end, nor pixels written behind theirs",
            arguments: [BitshuffleFilter.Codec.lz4, .zstd(level: 1)])
        func fenced(codec: BitshuffleFilter.Codec) throws {
            var random = SplitMix64(seed: 12)
            // A full block, a shorter one and elements that are not packed.
            let pixels = TestPixels.counts.bytes(4096 + 61, elementBytes: 2, using: &random)
            let chunk = try packed(pixels, BitshuffleFilter(elementBytes: 2, codec: codec))
            let place = try FencedMemory(pixels.count)
            var decompressor = try BitshuffleDecompressor(elementBytes: 2, codec: codec == .lz4 ? .lz4 : .zstd)
            for length in 0...chunk.count {
                let fenced = try FencedMemory(length)
                fenced.memory.copyBytes(from: chunk[..<length])
                let cut = UnsafeRawBufferPointer(fenced.memory)
                if length < chunk.count {
                    #expect(throws: ChunkError.self) { try decompressor.decompress(cut.bytes, into: place.memory) }
                } else {
                    try decompressor.decompress(cut.bytes, into: place.memory)
                    #expect(place.memory.elementsEqual(pixels))
                }
            }
            let fenced = try FencedMemory(chunk.count)
            var refused = 0
            for index in chunk.indices {
                for value in [0, 0xFF, 0x7F, 0x80, chunk[index] &+ 1, chunk[index] ^ 1, random.next(upperBound: UInt8.max)] {
                    fenced.memory.copyBytes(from: chunk)
                    fenced.memory[index] = value
                    // Other pixels may come out of it; anything else would have ended the process.
                    do throws(ChunkError) {
                        try decompressor.decompress(UnsafeRawBufferPointer(fenced.memory).bytes, into: place.memory)
                    } catch { refused += 1 }
                }
            }
            #expect(refused > chunk.count / 8)
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
