#if Compression
    /// What is wrong with a chunk.
    public enum ChunkError: Error, Hashable, CustomStringConvertible {
        /// It is too short for its header.
        case noHeader(bytes: Int)
        /// The header promises another number of bytes than there is room for.
        case pixelBytes(UInt64, expected: Int)
        /// The pixels are not a whole number of elements.
        case notWholeElements(bytes: Int, elementBytes: Int)
        /// The block size is not a multiple of eight elements.
        case blockBytes(UInt32, elementBytes: Int)
        /// It ends inside a block, or before one.
        case cut(block: Int, needed: Int, found: Int)
        /// A block does not unpack to its pixels.
        case block(Int, reason: String)
        /// There are bytes after the last block.
        case trailing(bytes: Int)

        /// What is wrong, in a sentence.
        public var description: String {
            switch self {
            case .noHeader(let bytes): "a chunk begins with 12 bytes, and this one has \(bytes)"
            case .pixelBytes(let bytes, let expected):
                "the chunk says it holds \(bytes) bytes of pixels; \(expected) are expected"
            case .notWholeElements(let bytes, let elementBytes):
                "\(bytes) bytes are not a whole number of pixels of \(elementBytes) bytes"
            case .blockBytes(let bytes, let elementBytes):
                "the chunk's blocks of \(bytes) bytes are not a multiple of 8 pixels of \(elementBytes) bytes"
            case .cut(let block, let needed, let found):
                "the chunk is cut off: block \(block) needs \(needed) bytes, and \(found) are left"
            case .block(let block, let reason): "block \(block) of the chunk is damaged: \(reason)"
            case .trailing(let bytes): "\(bytes) bytes follow the last block of the chunk"
            }
        }
    }
#endif
