#if Compression
    import DAQCompression

    extension FuzzTarget {
        /// A compressed chunk of any bytes, behind one that says which pixels and codec are expected.
        package static let chunk = FuzzTarget(name: "chunk", maximumBytes: 4096) { bytes in
            var input = FuzzInput(bytes)
            let elementBytes = 1 << input.number(below: 4)
            let codec: BitshuffleDecompressor.Codec = input.number(below: 2) == 0 ? .lz4 : .zstd
            let chunk = input.rest().bytes
            // As many pixels as the chunk claims, since others are refused at once; a reader knows what it expects.
            let claimed = ChunkHeader(chunk).map { Int(clamping: $0.pixelBytes) } ?? 0
            let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: min(claimed, 1 << 18), alignment: 1)
            defer { pixels.deallocate() }
            pixels.initializeMemory(as: UInt8.self, repeating: 0)
            do throws(CompressionError) {
                var decompressor = try BitshuffleDecompressor(elementBytes: elementBytes, codec: codec)
                do throws(ChunkError) {
                    try decompressor.decompress(chunk, into: pixels)
                } catch {
                    return require(!error.description.isEmpty, "refused without a reason")
                }
                let filter = try BitshuffleFilter(elementBytes: elementBytes, codec: codec == .lz4 ? .lz4 : .zstd(level: 1))
                requireRoundTrip(UnsafeRawBufferPointer(pixels), try BitshuffleCompressor(filter), &decompressor)
            } catch {
                require(false, "\(error)")
            }
        } seeds: {
            ChunkSeed.all
        }

        /// What was unpacked must survive being packed.
        private static func requireRoundTrip(
            _ pixels: UnsafeRawBufferPointer, _ compressor: consuming BitshuffleCompressor,
            _ decompressor: inout BitshuffleDecompressor
        ) {
            let chunk = UnsafeMutableRawBufferPointer.allocate(
                byteCount: compressor.filter.bound(for: pixels.count), alignment: 1)
            let again = UnsafeMutableRawBufferPointer.allocate(byteCount: pixels.count, alignment: 1)
            defer {
                chunk.deallocate()
                again.deallocate()
            }
            do {
                let length = try compressor.compress(pixels.bytes, into: chunk)
                try decompressor.decompress(UnsafeRawBufferPointer(rebasing: chunk[..<length]).bytes, into: again)
            } catch {
                require(false, "\(error)")
            }
            require(again.elementsEqual(pixels), "other pixels come back")
        }
    }

    /// Valid chunks of all element sizes and both codecs, with and without a shorter block and elements that are not packed.
    private enum ChunkSeed {
        static var all: [(name: String, bytes: [UInt8])] {
            var seeds: [(name: String, bytes: [UInt8])] = []
            for (sizeIndex, size) in [1, 2, 4, 8].enumerated() {
                for (codecIndex, codec) in [BitshuffleFilter.Codec.lz4, .zstd(level: 1)].enumerated() {
                    for (elements, block) in [(5, 0), (8, 8), (61, 16), (1500, 0)] {
                        guard let chunk = chunk(elements, size, block, codec) else { continue }
                        let name = "\(codecIndex == 0 ? "lz4" : "zstd")-\(size)-\(elements)"
                        seeds.append((name, [UInt8(sizeIndex), UInt8(codecIndex)] + chunk))
                    }
                }
            }
            return seeds
        }

        private static func chunk(_ elements: Int, _ size: Int, _ block: Int, _ codec: BitshuffleFilter.Codec) -> [UInt8]? {
            let pixels = (0..<elements * size).map { UInt8($0 % size == 0 ? ($0 / size) % 5 : 0) }
            guard let filter = try? BitshuffleFilter(elementBytes: size, blockElements: block, codec: codec),
                var compressor = try? BitshuffleCompressor(filter)
            else { return nil }
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: filter.bound(for: pixels.count), alignment: 1)
            defer { memory.deallocate() }
            guard let length = try? compressor.compress(pixels.span.bytes, into: memory) else { return nil }
            return Array(memory[..<length])
        }
    }
#endif
