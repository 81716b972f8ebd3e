import CDAQLinux
import DAQCore
import Glibc

/// An open file with one image stack: when its parts reach the operating system, and how it ends.
final class ImageStackFile {
    /// Waiting rows are written at the latest after this time, in nanoseconds.
    static let flushInterval: UInt64 = 1_000_000_000

    /// Where the file is now.
    private(set) var path: String
    /// Where it was created, which the library tells in its messages.
    private let firstPath: String
    /// Whether it has the name under which readers or ``FileRecovery`` look for it.
    private(set) var isPublished = false
    private let options: FileOptions
    private var space: FileSpace?
    private var file: HDF5File?
    private var stack: ImageStack?
    private var hasReaders = false
    /// Why no more images are taken.
    private var failure: HDF5Error?
    private var lastFlush = MonotonicTime.now()

    /// Annotations that were not stored.
    private(set) var droppedAnnotations: UInt64 = 0
    /// Images stored.
    private(set) var images = 0
    /// Bytes of pixels stored, as they are in the file.
    private(set) var bytes = 0
    /// Images of which everything has been handed to the operating system.
    private(set) var handedOver = 0

    /// Creates the file with everything but images; when that fails no file is left behind.
    ///
    /// - Parameter guardingSpace: off only in tests of what happens when the disk is full all the same.
    init(
        creating path: String, overwrite: Bool, _ contents: FileContents, _ options: FileOptions, guardingSpace: Bool = true
    ) throws(HDF5Error) {
        self.path = path
        firstPath = path
        self.options = options
        try FilePath.checkCreatable(path, overwrite: overwrite)
        try FileSpace.provideForNew(path)
        let file = try HDF5File(creating: path, overwrite: overwrite, mode: options.mode, alignment: options.alignment)
        do throws(HDF5Error) {
            let descriptor = try file.descriptor()
            try file.give(to: options.ownership)
            let bypasses = options.bypassesPageCache && options.mode == .safe && options.filter == nil
            if guardingSpace {
                space = try FileSpace(descriptor, path, step: options.preallocation, ahead: bypasses)
            }
            let direct = bypasses ? DirectChunks(file, path, buffered: descriptor, alignment: options.alignment) : nil
            stack = try ImageStack(in: file.root(), contents, options, direct: direct)
            try file.flush()
            space?.cut(to: try file.size())
        } catch {
            file.abandon()
            FilePath.remove(path)
            throw error
        }
        self.file = consume file
    }

    /// Stores an image and, when it is time, the rows that wait.
    ///
    /// - Throws: when the image is not stored. A failure to store rows is thrown for the next image, which is not stored either.
    func append(_ metadata: borrowing ImageMetadata, _ chunk: ImageChunk) throws(HDF5Error) {
        if let failure { throw failure }
        guard let stack else {
            throw HDF5Error(.mismatch, operation: "store an image in", path: path, detail: "the file is closed")
        }
        let before: Int
        do throws(HDF5Error) {
            before = try size()
            try space?.provideImage(chunk.bytes.count + options.alignment, rows: stack.waitingBytes, beyond: before)
            try stack.append(metadata, chunk)
        } catch {
            let error = named(error)
            failure = error
            throw error
        }
        do throws(HDF5Error) {
            try space?.cover(from: before, to: size(), image: chunk.bytes.count)
        } catch { failure = named(error) }
        images += 1
        bytes += chunk.bytes.count
        droppedAnnotations = stack.droppedAnnotations
        let letsReadersIn = options.mode == .swmr && !hasReaders
        if letsReadersIn || stack.isBlockFull || isFlushDue {
            do throws(HDF5Error) {
                try flush()
                if letsReadersIn {
                    // What the first image is annotated with has its datasets now; there will be no others.
                    stack.freeze()
                    try file?.startReaders()
                    hasReaders = true
                }
            } catch { failure = named(error) }
        }
    }

    /// Writes the rows that wait, if they have waited long enough.
    func flushIfDue() throws(HDF5Error) {
        guard failure == nil, handedOver < images, isFlushDue else { return }
        do throws(HDF5Error) { try flush() } catch { failure = named(error) }
    }

    private var isFlushDue: Bool { MonotonicTime.now() - lastFlush >= Self.flushInterval }

    /// Gives the file its name, under which readers look for it.
    func publish(as path: String, replacing: Bool) throws(HDF5Error) {
        try Publishing.publish(self.path, as: path, replacing: replacing)
        self.path = path
        isPublished = true
    }

    /// A descriptor of the file that stays open when the file is closed; the caller closes it.
    func duplicateDescriptor() -> Int32 { fcntl((try? file?.descriptor()) ?? -1, F_DUPFD_CLOEXEC, 0) }

    /// Stores what waits and closes the file.
    ///
    /// - Throws: the first failure; the file is closed all the same.
    func close() throws(HDF5Error) {
        guard file != nil else { return }
        var failure: HDF5Error?
        // Stored with the rows, for which there is space; after a flush that found none there may be no space at all.
        let canGrow = (try? provideRows()) != nil || stack?.waitingBytes ?? 0 > 0
        do throws(HDF5Error) {
            try stack?.trim()
            if canGrow { try stack?.finish() }
            try flush()
        } catch {
            failure = error
            file?.abandon()
        }
        let descriptor = duplicateDescriptor()
        // The library closes a file only when everything in it is closed.
        stack = nil
        if let file = file.take() {
            do throws(HDF5Error) { try file.close() } catch { failure = failure ?? error }
        }
        FileSpace.trim(descriptor)
        Glibc.close(descriptor)
        if let failure { throw named(failure) }
    }

    /// A failure with the name that people see.
    private func named(_ error: HDF5Error) -> HDF5Error { error.renamed(from: firstPath, to: path) }

    /// Bytes of the file, in the library's view.
    private func size() throws(HDF5Error) -> Int { try file?.size() ?? 0 }

    private func provideRows() throws(HDF5Error) { try space?.provideRows(stack?.waitingBytes ?? 0, beyond: size()) }

    private func flush() throws(HDF5Error) {
        if stack?.waitingBytes ?? 0 > 0 { try provideRows() }
        try stack?.flush()
        try file?.flush()
        handedOver = images
        space?.cut(to: try size())
        // So that little is left to do when the file is complete.
        if let descriptor = try file?.descriptor() { _ = cdaq_file_start_writing(descriptor) }
        lastFlush = MonotonicTime.now()
    }

    deinit { try? close() }
}

/// Time that only goes forward.
enum MonotonicTime {
    /// Nanoseconds since some moment.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
