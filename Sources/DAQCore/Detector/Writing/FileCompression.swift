/// How the pixels in a file are packed.
public enum FileCompression: String, Sendable, Hashable, CaseIterable {
    /// Not at all.
    case none
    /// Bitshuffle and LZ4.
    case bslz4
    /// Bitshuffle and Zstandard: smaller and slower; readers need bitshuffle 0.4 or newer.
    case bszstd
}
