#if Compression
    /// Why pixels could not be packed.
    public enum CompressionError: Error, Hashable, CustomStringConvertible {
        /// Pixels have 1, 2, 4 or 8 bytes.
        case elementBytes(Int)
        /// Blocks are a multiple of eight pixels, up to a limit.
        case blockElements(Int, most: Int)
        /// Zstandard does not have this level.
        case level(Int, ClosedRange<Int>)
        /// The pixels are not a whole number of elements.
        case pixels(bytes: Int, elementBytes: Int)
        /// The memory for the chunk is smaller than ``BitshuffleFilter/bound(for:)`` says.
        case tooSmall(bytes: Int, needed: Int)
        /// The codec's own words.
        case codec(String)
        /// The system has no thread left.
        case thread(String)

        /// The reason in a sentence.
        public var description: String {
            switch self {
            case .elementBytes(let bytes): "bitshuffle packs pixels of 1, 2, 4 or 8 bytes, not of \(bytes)"
            case .blockElements(let elements, let most):
                "a bitshuffle block is a multiple of 8 pixels, at most \(most), or 0 for the usual size; it cannot be \(elements)"
            case .level(let level, let levels):
                "the zstd level must be between \(levels.lowerBound) and \(levels.upperBound), not \(level)"
            case .pixels(let bytes, let elementBytes): "\(bytes) bytes are not a whole number of pixels of \(elementBytes) bytes"
            case .tooSmall(let bytes, let needed): "the chunk may need \(needed) bytes, and there are \(bytes)"
            case .codec(let reason): "the image could not be packed: \(reason)"
            case .thread(let reason): reason
            }
        }
    }
#endif
