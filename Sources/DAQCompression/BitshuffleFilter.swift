#if Compression
    import CDAQLZ4
    import CDAQZstd

    /// How pixels are packed: HDF5 filter 32008, bitshuffle followed by LZ4 or Zstandard.
    ///
    /// Streams call the same bytes `bslz4` or `bitshuffle_lz4`. It pays for photon counts and other integers; noise in
    /// float pixels does not shrink.
    public struct BitshuffleFilter: Sendable, Hashable {
        /// What packs the shuffled bits.
        public enum Codec: Sendable, Hashable {
            /// LZ4: several gigabytes a second and processor.
            case lz4
            /// Zstandard at a level, 0 for its default: about a quarter smaller than LZ4, and five times slower.
            ///
            /// Readers need bitshuffle 0.4 or newer; older plugins read such files as noise, without an error.
            case zstd(level: Int)
        }

        /// The number under which the HDF Group registered the filter.
        public static let filterID: Int32 = 32008

        /// Bytes of a pixel: 1, 2, 4 or 8.
        public let elementBytes: Int
        /// Pixels that are shuffled and packed together, a multiple of 8.
        public let blockElements: Int
        /// What packs the shuffled bits.
        public let codec: Codec
        /// The block size as it was asked for, which is what the filter's parameters tell.
        private let askedElements: Int

        /// A filter.
        ///
        /// - Parameters:
        ///   - elementBytes: bytes of a pixel: 1, 2, 4 or 8.
        ///   - blockElements: pixels that are packed together, a multiple of 8; 0 takes what readers expect, 8 KiB.
        ///   - codec: what packs the shuffled bits.
        /// - Throws: ``CompressionError`` when one of them is none of these.
        public init(elementBytes: Int, blockElements: Int = 0, codec: Codec = .lz4) throws(CompressionError) {
            guard [1, 2, 4, 8].contains(elementBytes) else { throw .elementBytes(elementBytes) }
            let most = Int(LZ4_MAX_INPUT_SIZE) / elementBytes
            guard blockElements >= 0, blockElements % 8 == 0, blockElements <= most else {
                throw .blockElements(blockElements, most: most)
            }
            if case .zstd(let level) = codec {
                let levels = Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel())
                guard levels.contains(level) else { throw .level(level, levels) }
            }
            self.elementBytes = elementBytes
            self.blockElements = blockElements == 0 ? Self.automaticBlockElements(elementBytes) : blockElements
            self.codec = codec
            askedElements = blockElements
        }

        /// What the filter's header and parameters mean by a block size of 0.
        static func automaticBlockElements(_ elementBytes: Int) -> Int { 8192 / elementBytes }

        /// The filter's parameters (`cd_values`): what the filter's own plugin stores, of version 0.4.
        public var parameters: [UInt32] {
            let start: [UInt32] = [0, 4, UInt32(elementBytes), UInt32(askedElements)]
            switch codec {
            case .lz4: return start + [2]
            // The format of the parameters is unsigned; a level below 0 is its two's complement.
            case .zstd(let level): return start + [3, UInt32(bitPattern: Int32(level))]
            }
        }

        /// The most bytes that so many bytes of pixels can become.
        public func bound(for bytes: Int) -> Int {
            let plan = BlockPlan(bytes: bytes, elementBytes: elementBytes, blockElements: blockElements)
            var bound = ChunkHeader.bytes + plan.fullBlocks * (4 + packedBound(plan.blockBytes)) + plan.verbatimBytes
            if plan.lastBlockBytes > 0 { bound += 4 + packedBound(plan.lastBlockBytes) }
            return bound
        }

        /// The most bytes that a block can become.
        func packedBound(_ bytes: Int) -> Int {
            switch codec {
            case .lz4: Int(LZ4_compressBound(Int32(bytes)))
            case .zstd: ZSTD_compressBound(bytes)
            }
        }
    }
#endif
