public import DAQCore

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
    /// Seconds after which a part is completed at the latest, in ``FileMode/safe``; `nil` for no limit.
    ///
    /// What was stored since is not yet on the disk.
    public var secondsPerPart: Double? = 30
    /// Images of 64 KiB or more start on multiples of this, a power of two: the page size, or a parallel file system's block.
    public var alignment = 4096
    /// Disk blocks are taken in steps of this size.
    public var preallocation = 4 << 20
    /// Pixels go past the page cache (O_DIRECT) where the file system can, in ``FileMode/safe`` and without ``filter``.
    public var bypassesPageCache = false
    /// How images that come as compressed chunks were compressed; `nil` for pixels as they are.
    public var filter: ChunkFilter?
    /// Whose the files are.
    var ownership: ResolvedOwnership?

    /// The defaults: a plain stack, safe, a part every 30 seconds.
    public init() {}

    /// What a configuration says; how images are packed is the business of who packs them.
    public init(_ configuration: WriterConfiguration) {
        format = configuration.format
        mode = configuration.mode
        imagesPerPart = configuration.imagesPerFile
        bytesPerPart = configuration.bytesPerFile
        secondsPerPart = configuration.secondsPerFile > 0 ? configuration.secondsPerFile : nil
        bypassesPageCache = configuration.bypassesPageCache
    }
}
