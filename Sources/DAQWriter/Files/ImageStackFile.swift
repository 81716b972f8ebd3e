import DAQCore
import Glibc

/// An open file with one image stack: when its parts reach the disk, and how it ends.
final class ImageStackFile {
    /// Waiting rows are written at the latest after this time, in nanoseconds.
    static let flushInterval: UInt64 = 1_000_000_000
    private let path: String
    private let format: ImageFormat
    private var space: FileSpace?
    private var file: HDF5File?
    private var stack: ImageStack?
    /// Why no more images are taken.
    private var failure: HDF5Error?
    private var lastFlush = ImageStackFile.now()

    /// Annotations that were not stored.
    private(set) var droppedAnnotations: UInt64 = 0

    /// Creates the file with everything but images; when that fails no file is left behind.
    ///
    /// - Parameter guardingSpace: off only in tests of what happens when the disk is full all the same.
    init(
        creating path: String, overwrite: Bool, run: RunDescription, configurationText: String?, guardingSpace: Bool = true
    ) throws(HDF5Error) {
        guard run.format.pixels > 0, run.format.bytes <= UInt32.max else {
            let format = run.format
            throw HDF5Error(
                .mismatch, operation: "create", path: path,
                detail: "images of \(format.width) x \(format.height) \(format.pixelType) pixels cannot be a chunk of a file",
                advice: "an image has 1 byte to 4 GiB")
        }
        self.path = path
        format = run.format
        try FilePath.checkCreatable(path, overwrite: overwrite)
        let file = try HDF5File(creating: path, overwrite: overwrite)
        do throws(HDF5Error) {
            if guardingSpace { space = FileSpace(try file.descriptor(), path) }
            try space?.provide(0, beyond: 0)
            stack = try ImageStack(in: file.root(), run: run, configurationText: configurationText)
            try file.flush()
            space?.cut(to: try file.size())
        } catch {
            FilePath.remove(path)
            throw error
        }
        self.file = consume file
    }

    /// Stores an image and, when it is time, the rows that wait.
    ///
    /// - Throws: when the image is not stored. A failure to store rows is thrown for the next image, which is not stored either.
    func append(_ image: Image) throws(HDF5Error) {
        if let failure { throw failure }
        guard image.format == format else {
            throw HDF5Error(
                .mismatch, operation: "store an image in", path: path,
                detail: "it has \(image.format.width) x \(image.format.height) \(image.format.pixelType) pixels, "
                    + "the file's images \(format.width) x \(format.height) \(format.pixelType)")
        }
        do throws(HDF5Error) {
            try provideSpace(format.bytes + Int(HDF5File.alignment))
            try stack?.append(image)
        } catch {
            failure = error
            throw error
        }
        droppedAnnotations = stack?.droppedAnnotations ?? 0
        if stack?.isBlockFull ?? false || Self.now() - lastFlush >= Self.flushInterval {
            do throws(HDF5Error) { try flush() } catch { failure = error }
        }
    }

    /// Stores what waits and closes the file.
    ///
    /// - Throws: the first failure; the file is closed all the same.
    func close() throws(HDF5Error) {
        guard file != nil else { return }
        var failure: HDF5Error?
        // Stored with the rows, for which there is space; after a flush that found none there may be no space at all.
        let canGrow = (try? provideSpace(0)) != nil || stack?.waitingBytes ?? 0 > 0
        do throws(HDF5Error) {
            if canGrow { try stack?.finish() }
            try flush()
        } catch {
            failure = error
            file?.abandon()
        }
        let descriptor = dup((try? file?.descriptor()) ?? -1)
        // The library closes a file only when everything in it is closed.
        stack = nil
        if let file = file.take() {
            do throws(HDF5Error) { try file.close() } catch { failure = failure ?? error }
        }
        FileSpace.trim(descriptor)
        Glibc.close(descriptor)
        if let failure { throw failure }
    }

    private func provideSpace(_ bytes: Int) throws(HDF5Error) {
        guard let size = try file?.size() else { return }
        try space?.provide(bytes + (stack?.waitingBytes ?? 0), beyond: size)
    }

    private func flush() throws(HDF5Error) {
        try stack?.flush()
        try file?.flush()
        if let size = try file?.size() { space?.cut(to: size) }
        lastFlush = Self.now()
    }

    deinit { try? close() }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
