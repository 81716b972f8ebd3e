public import DAQCore
import Synchronization

/// Stores images in HDF5 files that open as an image stack in h5py, silx, NeXus tools and fabio.
///
/// Pixels go from the ring to the file without a copy, one chunk an image; what is known about images is collected and
/// written in blocks. docs/file-format.md describes the layouts, and what ``Written/flushed`` promises. The HDF5 library
/// runs one call at a time in a process, so two writers take turns.
///
/// One thread calls ``open(_:)``, ``accept(_:)`` and ``close()``; all of them block while the disk does.
/// ``written`` may be read by any thread and never waits for the disk.
public final class HDF5Writer: ImageSink {
    /// What a file holds so far.
    public struct Written: Sendable, Equatable {
        /// The file.
        public var path: String
        /// Images handed to the file; after a failure only ``flushed`` of them are certain to be in it.
        public var images = 0
        /// Images that are on the disk and can be read there, whatever happens to this program or its computer; in
        /// ``FileMode/swmr`` after ``FileRecovery``.
        public var flushed = 0
        /// Bytes of pixels in the file.
        public var bytes = 0
        /// Annotations that were not stored: more than 256 names, a name twice in an image, or in
        /// ``FileMode/swmr`` a name that the first image did not have.
        public var droppedAnnotations: UInt64 = 0
    }

    /// Name in the ledger and in messages.
    public let name: String
    private let overwrite: Bool
    private let options: FileOptions
    private let describe: @Sendable (inout FileContents) throws -> Void
    private let file = Mutex<FileSeries?>(nil)
    private let format = Mutex<ImageFormat?>(nil)
    private let progress: Mutex<Written>
    private let queue = Mutex<FlushQueue?>(nil)
    private let ticker = Mutex<Ticker?>(nil)

    /// A writer for one file, which is created by ``open(_:)``.
    ///
    /// - Parameters:
    ///   - path: the file; its directory must exist.
    ///   - overwrite: whether an existing file is replaced; otherwise it is an error.
    ///   - options: layout and promises.
    ///   - configurationText: the configuration document, stored in the file as it is.
    ///   - describe: adds what else is known of the run, such as the mask of bad pixels, before the file is created.
    public init(
        path: String, overwrite: Bool = false, options: FileOptions = FileOptions(), configurationText: String? = nil,
        name: String = "hdf5", describe: @escaping @Sendable (inout FileContents) throws -> Void = { _ in }
    ) {
        self.name = name
        self.overwrite = overwrite
        self.options = options
        self.describe = { contents in
            contents.configurationText = configurationText ?? ""
            try describe(&contents)
        }
        progress = Mutex(Written(path: path))
    }

    /// What the file holds so far.
    public var written: Written {
        var written = progress.withLock { $0 }
        written.flushed = queue.withLock { $0?.flushed } ?? 0
        return written
    }

    /// Goes up whenever the disk has answered, also while ``accept(_:)`` or ``close()`` waits for it.
    var activity: UInt64 { queue.withLock { $0?.activity } ?? 0 }

    /// Creates the file.
    ///
    /// - Throws: ``HDF5Error`` that says why the file cannot be created: it exists, its directory does not, is not writable
    ///   or is on a read-only or full file system.
    public func open(_ run: RunDescription) throws {
        let path = written.path
        try file.withLock { file in
            guard file == nil else {
                throw HDF5Error(
                    .mismatch, operation: "open", path: path, detail: "this writer has its file open", advice: "close it first")
            }
            var contents = FileContents(run)
            try describe(&contents)
            let queue = FlushQueue()
            file = try FileSeries(creating: path, overwrite: overwrite, contents, options, queue: queue)
            self.queue.withLock { $0 = queue }
            format.withLock { $0 = run.format }
        }
        progress.withLock { $0 = Written(path: path) }
        // Has done in time what is due, also when no images come; a failure is told with the next image, or by `close`.
        let ticker = Ticker { [weak self] in self?.file.withLock { file in try? file?.tick() } }
        self.ticker.withLock { $0 = ticker }
    }

    /// Stores an image.
    ///
    /// - Throws: ``HDF5Error``; with code ``HDF5Error/Code/diskFull`` before the disk is quite full, so that the file can
    ///   still be closed properly. The image is then not in the file; all earlier ones are.
    public func accept(_ image: Image) throws {
        let path = written.path
        if let format = format.withLock({ $0 }), image.format != format {
            throw HDF5Error(
                .mismatch, operation: "store an image in", path: path,
                detail: "it has \(image.format.width) x \(image.format.height) \(image.format.pixelType) pixels, "
                    + "the file's images \(format.width) x \(format.height) \(format.pixelType)")
        }
        try image.withBytes { span in try span.withUnsafeBytes { try accept(image.metadata, chunk: $0) } }
    }

    /// Stores an image as a chunk: its pixels, or what ``FileOptions/filter`` made of them.
    ///
    /// - Parameter filterMask: 1 for a chunk that the filter was not applied to.
    /// - Throws: as ``accept(_:)``.
    public func accept(_ metadata: ImageMetadata, chunk: UnsafeRawBufferPointer, filterMask: UInt32 = 0) throws {
        let path = written.path
        if options.filter == nil, let format = format.withLock({ $0 }), chunk.count != format.bytes {
            throw HDF5Error(
                .mismatch, operation: "store an image in", path: path,
                detail: "it has \(chunk.count) bytes, an image of this file has \(format.bytes)")
        }
        let chunk = ImageChunk(bytes: chunk, filterMask: filterMask)
        let dropped = try file.withLock { file in
            guard let file else {
                throw HDF5Error(
                    .mismatch, operation: "store an image in", path: path, detail: "the file is not open",
                    advice: "call open first")
            }
            try file.append(metadata, chunk)
            return file.droppedAnnotations
        }
        progress.withLock { progress in
            progress.images += 1
            progress.bytes += chunk.bytes.count
            progress.droppedAnnotations = dropped
        }
    }

    /// Completes and closes the file; without an open file nothing happens.
    ///
    /// - Throws: ``HDF5Error`` when something could not be stored. The file is closed all the same, and everything that
    ///   could be stored is in it.
    public func close() throws {
        ticker.withLock { $0 = nil }
        try file.withLock { file in
            defer { file = nil }
            try file?.close()
        }
    }
}
