/// What somebody wants to have written: which images, to which files, and how.
///
/// docs/write-sessions.md describes every part. ``init(json:source:)`` reads one from a document.
public struct WriteRequest: Sendable, Hashable {
    /// The image a session begins with.
    public enum Start: Sendable, Hashable {
        /// The next one that comes; for a range of ids its first one, also when it has come already and is still in the ring.
        case next
        /// The one with this id, also when it has come already and is still in the ring.
        case id(UInt64)
        /// So many images back from the next one.
        case back(Int)
    }

    /// How the pixels are packed.
    public enum Compression: String, Sendable, Hashable, CaseIterable {
        /// Not at all.
        case none
        /// Bitshuffle and LZ4.
        case bslz4
        /// Bitshuffle and Zstandard: smaller and slower; readers need bitshuffle 0.4 or newer.
        case bszstd
    }

    /// The name of the file.
    public var output: FileNameTemplate
    /// Which images.
    public var extent = WriteSession.Extent.untilStopped
    /// The first of them; a range of ids has its own.
    public var start = Start.next
    /// The layout, the promise and the size of the files.
    ///
    /// ``FileOptions/filter`` is not used: ``compression`` says it.
    public var options = FileOptions()
    /// How the pixels are packed.
    public var compression = Compression.none
    /// Whose the files shall be.
    public var ownership = FileOwnership()
    /// The name of the run, for file names.
    public var run: String?
    /// Seconds without an image after which the session ends; `nil` for no limit.
    public var patience: Double?

    /// A request for everything from the next image on until it is stopped.
    public init(output: FileNameTemplate) { self.output = output }
}
