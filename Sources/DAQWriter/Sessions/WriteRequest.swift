public import DAQCore

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
    public var compression = FileCompression.none
    /// Whose the files shall be.
    public var ownership = FileOwnership()
    /// The name of the run, for file names.
    public var run: String?
    /// Seconds without an image after which the session ends; `nil` for no limit.
    public var patience: Double?
    /// Whether files of that name are replaced; there is no such key in a document.
    public var overwrites = false
    /// Which of the images are stored, when several writers share them; `nil` for all.
    ///
    /// Extent and start are those of the whole, and the file is ``WriteShare/path(of:)`` of ``output``.
    public var share: WriteShare?

    /// A request for everything from the next image on until it is stopped.
    public init(output: FileNameTemplate) { self.output = output }

    /// The same, written as a configuration says.
    public init(output: FileNameTemplate, as configuration: WriterConfiguration) {
        self.init(output: output)
        options = FileOptions(configuration)
        compression = configuration.compression
        ownership = FileOwnership(configuration)
    }
}
