import DAQCore
import Glibc

/// An open file with one image stack: when its parts reach the disk, and how it ends.
final class ImageStackFile {
    /// Waiting rows are written at the latest after this time, in nanoseconds.
    static let flushInterval: UInt64 = 1_000_000_000
    /// Waiting rows are written at the latest at this size, in bytes; well below ``FreeSpace/reserve``.
    static let flushBytes = 512 << 10

    private let path: String
    private let format: ImageFormat
    private let descriptor: Int32
    private var file: HDF5File?
    private var stack: ImageStack?
    private var lastFlush = ImageStackFile.now()

    /// Annotations that were not stored.
    private(set) var droppedAnnotations: UInt64 = 0

    /// Creates the file with everything but images; when that fails no file is left behind.
    init(creating path: String, overwrite: Bool, run: RunDescription, configurationText: String?) throws(HDF5Error) {
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
            descriptor = try file.descriptor()
            try FreeSpace.check(descriptor, needed: 0, path)
            stack = try ImageStack(in: file.root(), run: run, configurationText: configurationText)
            try file.flush()
        } catch {
            unlink(path)
            throw error
        }
        self.file = consume file
    }

    /// Stores an image and, when it is time, the rows that wait.
    func append(_ image: Image) throws(HDF5Error) {
        guard image.format == format else {
            throw HDF5Error(
                .mismatch, operation: "store an image in", path: path,
                detail: "it has \(image.format.width) x \(image.format.height) \(image.format.pixelType) pixels, "
                    + "the file's images \(format.width) x \(format.height) \(format.pixelType)")
        }
        let waiting = stack?.waitingBytes ?? 0
        try FreeSpace.check(descriptor, needed: format.bytes + Int(HDF5File.alignment) + waiting, path)
        try stack?.append(image)
        droppedAnnotations = stack?.droppedAnnotations ?? 0
        if waiting >= Self.flushBytes || stack?.isBlockFull ?? false || Self.now() - lastFlush >= Self.flushInterval {
            try stack?.flush()
            try file?.flush()
            lastFlush = Self.now()
        }
    }

    /// Stores what waits and closes the file, going on after failures; the first one is thrown at the end.
    func close() throws(HDF5Error) {
        var failure: HDF5Error?
        func attempt(_ step: () throws(HDF5Error) -> Void) {
            do throws(HDF5Error) { try step() } catch { failure = failure ?? error }
        }
        attempt { () throws(HDF5Error) in try stack?.finish() }
        attempt { () throws(HDF5Error) in try file?.flush() }
        // The library closes a file only when everything in it is closed.
        stack = nil
        if let file = file.take() {
            do throws(HDF5Error) { try file.close() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    deinit { try? close() }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
