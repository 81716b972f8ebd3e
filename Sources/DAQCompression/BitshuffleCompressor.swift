#if Compression
    import CDAQKernels
    import CDAQLZ4
    import CDAQZstd

    /// Packs images, one after the other, as HDF5 chunks and streams carry them.
    ///
    /// A compressor keeps its memory from image to image: packing allocates nothing. It belongs to one thread at a time;
    /// ``CompressionPool`` has one for each of its threads.
    public struct BitshuffleCompressor: ~Copyable {
        /// How it packs.
        public let filter: BitshuffleFilter
        /// One shuffled block, which stays in the cache.
        private let block: UnsafeMutableRawBufferPointer
        private let state: State

        private enum State {
            case lz4(UnsafeMutableRawPointer)
            case zstd(OpaquePointer, level: Int32)
        }

        /// A compressor.
        ///
        /// - Throws: ``CompressionError/codec(_:)`` when there is no memory for the codec's state.
        public init(_ filter: BitshuffleFilter) throws(CompressionError) {
            let state: State
            switch filter.codec {
            case .lz4: state = .lz4(.allocate(byteCount: Int(LZ4_sizeofState()), alignment: 16))
            case .zstd(let level):
                guard let context = ZSTD_createCCtx() else { throw .codec("no memory for zstd") }
                state = .zstd(context, level: Int32(level))
            }
            self.filter = filter
            self.state = state
            block = .allocate(byteCount: filter.blockElements * filter.elementBytes, alignment: 64)
        }

        deinit {
            block.deallocate()
            switch state {
            case .lz4(let memory): memory.deallocate()
            case .zstd(let context, _): ZSTD_freeCCtx(context)
            }
        }

        /// Packs pixels into a chunk.
        ///
        /// - Parameters:
        ///   - pixels: little-endian pixels; any alignment.
        ///   - chunk: at least ``BitshuffleFilter/bound(for:)`` of the pixels' length.
        /// - Returns: the length of the chunk.
        public mutating func compress(_ pixels: RawSpan, into chunk: UnsafeMutableRawBufferPointer) throws(CompressionError)
            -> Int
        {
            let count = pixels.byteCount
            guard count % filter.elementBytes == 0 else { throw .pixels(bytes: count, elementBytes: filter.elementBytes) }
            let needed = filter.bound(for: count)
            guard chunk.count >= needed else { throw .tooSmall(bytes: chunk.count, needed: needed) }
            let plan = BlockPlan(bytes: count, elementBytes: filter.elementBytes, blockElements: filter.blockElements)
            ChunkHeader(pixelBytes: UInt64(count), blockBytes: UInt32(plan.blockBytes)).store(to: chunk)
            let end = try pixels.withUnsafeBytes { pixels throws(CompressionError) in
                var end = ChunkHeader.bytes
                for index in 0..<plan.blocks {
                    end += try pack(pixels[plan.range(ofBlock: index)], to: chunk[end...])
                }
                return end
            }
            let verbatim = pixels.extracting(last: plan.verbatimBytes)
            verbatim.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: chunk[end...]).copyMemory(from: $0) }
            return end + plan.verbatimBytes
        }
    }

    extension BitshuffleCompressor {
        /// Packs a block behind its length.
        ///
        /// `chunk` has room for it, because the caller has checked the bound of all blocks.
        ///
        /// - Returns: the number of bytes in the chunk.
        private func pack(_ pixels: Slice<UnsafeRawBufferPointer>, to chunk: Slice<UnsafeMutableRawBufferPointer>)
            throws(CompressionError)
            -> Int
        {
            let pixels = UnsafeRawBufferPointer(rebasing: pixels)
            let chunk = UnsafeMutableRawBufferPointer(rebasing: chunk)
            let place = UnsafeMutableRawBufferPointer(rebasing: chunk[4..<4 + filter.packedBound(pixels.count)])
            guard let source = pixels.baseAddress, let shuffled = block.baseAddress, let packed = place.baseAddress else {
                return 0
            }
            cdaq_bitshuffle(source, pixels.count / filter.elementBytes, filter.elementBytes, shuffled)
            let length: Int
            switch state {
            case .lz4(let memory):
                length = Int(LZ4_compress_fast_extState(memory, shuffled, packed, Int32(pixels.count), Int32(place.count), 1))
                guard length > 0 else { throw .codec("LZ4 did not fit into \(place.count) bytes") }
            case .zstd(let context, let level):
                length = ZSTD_compressCCtx(context, packed, place.count, shuffled, pixels.count, level)
                guard ZSTD_isError(length) == 0 else { throw .codec(String(cString: ZSTD_getErrorName(length))) }
            }
            chunk.storeBytes(of: UInt32(length).bigEndian, as: UInt32.self)
            return 4 + length
        }
    }
#endif
