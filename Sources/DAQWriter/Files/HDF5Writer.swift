public import DAQCore
import Synchronization

/// Stores images in one HDF5 file that opens as an image stack in h5py, silx, NeXus tools and fabio.
///
/// Pixels go from the ring to the file without a copy, one chunk an image; what is known about images is collected and
/// written about once a second. What was written then survives the end of the process. docs/file-format.md describes the
/// layout. The HDF5 library runs one call at a time in a process, so two writers take turns.
///
/// One thread calls ``open(_:)``, ``accept(_:)`` and ``close()``; all of them block while the disk does.
/// ``written`` may be read by any thread and never waits for the disk.
public final class HDF5Writer: ImageSink {
    /// What a file holds so far.
    public struct Written: Sendable, Equatable {
        /// The file.
        public var path: String
        /// Images in the file.
        public var images = 0
        /// Bytes of pixels in the file.
        public var bytes = 0
        /// Annotations that were not stored: more than 256 names, or a name twice in an image.
        public var droppedAnnotations: UInt64 = 0
    }

    /// Name in the ledger and in messages.
    public let name: String
    private let overwrite: Bool
    private let configurationText: String?
    private let file = Mutex<ImageStackFile?>(nil)
    private let progress: Mutex<Written>

    /// A writer for one file, which is created by ``open(_:)``.
    ///
    /// - Parameters:
    ///   - path: the file; its directory must exist.
    ///   - overwrite: whether an existing file is replaced; otherwise it is an error.
    ///   - configurationText: the configuration document, stored in the file as it is.
    public init(path: String, overwrite: Bool = false, configurationText: String? = nil, name: String = "hdf5") {
        self.name = name
        self.overwrite = overwrite
        self.configurationText = configurationText
        progress = Mutex(Written(path: path))
    }

    /// What the file holds so far.
    public var written: Written { progress.withLock { $0 } }

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
            file = try ImageStackFile(
                creating: path, overwrite: overwrite, run: run, configurationText: configurationText)
        }
        progress.withLock { $0 = Written(path: path) }
    }

    /// Stores an image.
    ///
    /// - Throws: ``HDF5Error``; with code ``HDF5Error/Code/diskFull`` before the disk is quite full, so that the file can
    ///   still be closed properly. The image is then not in the file; all earlier ones are.
    public func accept(_ image: Image) throws {
        let path = written.path
        let dropped = try file.withLock { file in
            guard let file else {
                throw HDF5Error(
                    .mismatch, operation: "store an image in", path: path, detail: "the file is not open",
                    advice: "call open first")
            }
            try file.append(image)
            return file.droppedAnnotations
        }
        progress.withLock { progress in
            progress.images += 1
            progress.bytes += image.format.bytes
            progress.droppedAnnotations = dropped
        }
    }

    /// Completes and closes the file; without an open file nothing happens.
    ///
    /// - Throws: ``HDF5Error`` when something could not be stored. The file is closed all the same, and everything that
    ///   could be stored is in it.
    public func close() throws {
        try file.withLock { file in
            defer { file = nil }
            try file?.close()
        }
    }
}
