/// What happens to a file when its writer dies, and what readers may do while it is written.
public enum FileMode: String, Sendable, Hashable, CaseIterable {
    /// Parts are written under hidden names and get their names when they are complete and on the disk; the file of the
    /// run's name shows all complete parts. It can be read at any time, also after the writer was killed.
    case safe
    /// Readers follow the growing file (HDF5's single writer, multiple readers). After the writer was killed the file opens
    /// only when ``FileRecovery`` has cleared it.
    case swmr
}

/// How files are written.
public struct FileOptions: Sendable, Hashable {
    /// The layout.
    public var format = FileFormat.stack
    /// The promise.
    public var mode = FileMode.safe
    /// Images in a part at most; `nil` for no limit.
    public var imagesPerPart: Int?
    /// Bytes of pixels in a part at most; `nil` for no limit.
    public var bytesPerPart: Int?
    /// Seconds after which a part is completed, in ``FileMode/safe``; what was stored since is not yet on the disk.
    public var secondsPerPart: Double? = 30
    /// Images of 64 KiB or more start on multiples of this, a power of two: the page size, or a parallel file system's block.
    public var alignment = 4096
    /// Disk blocks are taken in steps of this size.
    public var preallocation = 4 << 20
    /// Pixels go past the page cache (O_DIRECT) where the file system can, in ``FileMode/safe`` and without ``filter``.
    public var bypassesPageCache = false
    /// How images that come as compressed chunks were compressed; `nil` for pixels as they are.
    public var filter: ChunkFilter?

    /// The defaults: a plain stack, safe, a part every 30 seconds.
    public init() {}
}
