import DAQCore

#if Compression
    import DAQCompression
#endif

/// Writes the pixels of a stream's images as its configuration says.
struct StreamCompressor: ~Copyable {
    /// Whether the pixels go as they are.
    let isRaw: Bool
}
