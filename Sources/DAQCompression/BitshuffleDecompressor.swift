#if Compression
    import CDAQKernels
    import CDAQLZ4
    import CDAQZstd

    /// Unpacks chunks of HDF5 filter 32008 and of `bslz4` streams, whoever made them.
    ///
    /// No length in a chunk is believed before it was compared with what is there. A decompressor keeps its memory from
    /// chunk to chunk and belongs to one thread at a time.
    public struct BitshuffleDecompressor: ~Copyable {
        /// What packed the bits of a chunk; the chunk itself does not say it.
        public enum Codec: Sendable, Hashable {
            /// LZ4: parameter 2 of the filter, and all streams.
            case lz4
            /// Zstandard: parameter 3 of the filter.
            case zstd
        }

        /// Bytes of a pixel.
        public let elementBytes: Int
        /// What packed the bits.
        public let codec: Codec
        private let context: OpaquePointer?
        /// The longest block so far.
        private var block: UnsafeMutableRawBufferPointer

        /// A decompressor for pixels of 1, 2, 4 or 8 bytes.
        ///
        /// - Throws: ``CompressionError`` for other sizes, or when there is no memory for the codec's state.
        public init(elementBytes: Int, codec: Codec = .lz4) throws(CompressionError) {
            guard [1, 2, 4, 8].contains(elementBytes) else { throw .elementBytes(elementBytes) }
            let context = codec == .zstd ? ZSTD_createDCtx() : nil
            guard codec == .lz4 || context != nil else { throw .codec("no memory for zstd") }
            self.elementBytes = elementBytes
            self.codec = codec
            self.context = context
            block = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }

        deinit {
            block.deallocate()
            if let context { ZSTD_freeDCtx(context) }
        }

        /// Unpacks a chunk.
        ///
        /// - Parameters:
        ///   - chunk: any bytes.
        ///   - pixels: exactly as long as the pixels must be; what it holds is undefined after an error.
        public mutating func decompress(_ chunk: RawSpan, into pixels: UnsafeMutableRawBufferPointer) throws(ChunkError) {
            let plan = try plan(chunk, pixelBytes: pixels.count)
            if block.count < plan.longestBlock {
                block.deallocate()
                block = .allocate(byteCount: plan.longestBlock, alignment: 64)
            }
            try chunk.withUnsafeBytes { chunk throws(ChunkError) in
                var rest = UnsafeRawBufferPointer(rebasing: chunk[ChunkHeader.bytes...])
                for index in 0..<plan.blocks {
                    let packed = try Self.takeBlock(index, from: &rest)
                    try unpack(packed, index, to: UnsafeMutableRawBufferPointer(rebasing: pixels[plan.range(ofBlock: index)]))
                }
                guard rest.count >= plan.verbatimBytes else {
                    throw .cut(block: plan.blocks, needed: plan.verbatimBytes, found: rest.count)
                }
                guard rest.count == plan.verbatimBytes else { throw .trailing(bytes: rest.count - plan.verbatimBytes) }
                UnsafeMutableRawBufferPointer(rebasing: pixels[(pixels.count - plan.verbatimBytes)...]).copyMemory(from: rest)
            }
        }
    }

    extension BitshuffleDecompressor {
        /// Checks the header.
        private func plan(_ chunk: RawSpan, pixelBytes: Int) throws(ChunkError) -> BlockPlan {
            guard let header = ChunkHeader(chunk) else { throw .noHeader(bytes: chunk.byteCount) }
            guard header.pixelBytes == UInt64(pixelBytes) else { throw .pixelBytes(header.pixelBytes, expected: pixelBytes) }
            guard pixelBytes % elementBytes == 0 else { throw .notWholeElements(bytes: pixelBytes, elementBytes: elementBytes) }
            let blockBytes = Int(header.blockBytes)
            guard blockBytes % (8 * elementBytes) == 0 else { throw .blockBytes(header.blockBytes, elementBytes: elementBytes) }
            let elements = blockBytes == 0 ? BitshuffleFilter.automaticBlockElements(elementBytes) : blockBytes / elementBytes
            let plan = BlockPlan(bytes: pixelBytes, elementBytes: elementBytes, blockElements: elements)
            guard plan.longestBlock <= LZ4_MAX_INPUT_SIZE else {
                throw .blockBytes(header.blockBytes, elementBytes: elementBytes)
            }
            return plan
        }

        /// Takes the packed bytes of a block, and the length before them, from what is left of the chunk.
        private static func takeBlock(_ index: Int, from rest: inout UnsafeRawBufferPointer) throws(ChunkError)
            -> UnsafeRawBufferPointer
        {
            guard rest.count >= 4 else { throw .cut(block: index, needed: 4, found: rest.count) }
            let length = Int(UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self)))
            guard rest.count - 4 >= length else { throw .cut(block: index, needed: length, found: rest.count - 4) }
            defer { rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...]) }
            return UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])
        }

        /// Unpacks a block to its pixels, of which there is at least one.
        private func unpack(_ packed: UnsafeRawBufferPointer, _ index: Int, to pixels: UnsafeMutableRawBufferPointer)
            throws(ChunkError)
        {
            guard let source = packed.baseAddress, let shuffled = block.baseAddress, let place = pixels.baseAddress,
                packed.count <= Int(Int32.max)
            else { throw .block(index, reason: "its length cannot be \(packed.count)") }
            let length: Int
            switch codec {
            case .lz4:
                length = Int(LZ4_decompress_safe(source, shuffled, Int32(packed.count), Int32(pixels.count)))
                guard length >= 0 else { throw .block(index, reason: "it is not LZ4, or not of this length") }
            case .zstd:
                length = ZSTD_decompressDCtx(context, shuffled, pixels.count, source, packed.count)
                guard ZSTD_isError(length) == 0 else { throw .block(index, reason: String(cString: ZSTD_getErrorName(length))) }
            }
            guard length == pixels.count else { throw .block(index, reason: "it unpacks to \(length) of \(pixels.count) bytes") }
            cdaq_bitunshuffle(shuffled, pixels.count / elementBytes, elementBytes, place)
        }
    }
#endif
