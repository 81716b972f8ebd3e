#if Compression
    /// The twelve bytes before the blocks of a chunk: both numbers are big-endian.
    public struct ChunkHeader: Sendable, Hashable {
        /// Length of the header.
        public static let bytes = 12

        /// Bytes of the pixels before they were packed.
        public var pixelBytes: UInt64
        /// Bytes of a full block before it was packed; 0 for the automatic size, 8 KiB.
        public var blockBytes: UInt32

        init(pixelBytes: UInt64, blockBytes: UInt32) {
            self.pixelBytes = pixelBytes
            self.blockBytes = blockBytes
        }

        /// Reads the header of a chunk; `nil` when the chunk is shorter than a header.
        public init?(_ chunk: RawSpan) {
            guard chunk.byteCount >= Self.bytes else { return nil }
            (pixelBytes, blockBytes) = chunk.withUnsafeBytes { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
                )
            }
        }

        /// Writes the header to the beginning of a chunk of at least that length.
        func store(to chunk: UnsafeMutableRawBufferPointer) {
            chunk.storeBytes(of: pixelBytes.bigEndian, as: UInt64.self)
            chunk.storeBytes(of: blockBytes.bigEndian, toByteOffset: 8, as: UInt32.self)
        }
    }
#endif
