import CDAQLinux
import DAQCore
import Glibc
import Synchronization

/// The files of a run: one that has its name, and parts beside it when one file is not enough.
///
/// In ``FileMode/safe`` the file of the run's name is valid from the beginning: first it holds no images, then it shows the
/// parts that are complete, or in the end becomes the only part. Every change is a rename of a file that is on the disk.
final class FileSeries {
    private let names: PartNames
    private let contents: FileContents
    private let options: FileOptions
    private let queue: FlushQueue
    /// Complete parts, which the queue's work adds.
    private let sources = SourceList()

    private var file: ImageStackFile?
    /// Why no more images are taken.
    private var failure: HDF5Error?
    private var part = 1
    private var partBegin = MonotonicTime.now()
    /// Images in complete parts.
    private var completed = 0
    private var reported = 0
    private var droppedBefore: UInt64 = 0

    /// Creates the file of the run's name, without images.
    ///
    /// - Parameter queue: knows what is flushed, for any thread.
    init(
        creating path: String, overwrite: Bool, _ contents: FileContents, _ options: FileOptions, queue: FlushQueue
    ) throws(HDF5Error) {
        names = PartNames(path)
        self.queue = queue
        self.contents = contents
        self.options = options
        try checkFormat()
        try FilePath.checkCreatable(path, overwrite: overwrite)
        try clearParts(overwrite: overwrite)
        do throws(HDF5Error) {
            file = try makePart()
            var closed = options
            closed.mode = .safe
            try ImageStackFile(creating: names.newPath, overwrite: true, contents, closed).close()
            try Publishing.publish(
                names.newPath, as: path, replacing: overwrite, ownership: options.ownership)
        } catch {
            for path in [names.newPath, names.new(1), names.partial(1)] { FilePath.remove(path) }
            throw error
        }
    }

    /// Annotations that were not stored.
    var droppedAnnotations: UInt64 { droppedBefore + (file?.droppedAnnotations ?? 0) }

    /// Stores an image, and completes the part when it is time.
    func append(_ metadata: borrowing ImageMetadata, _ chunk: ImageChunk) throws(HDF5Error) {
        if let failure = queue.failure ?? failure { throw failure }
        if isPartFull(next: chunk.bytes.count) { try beginPart() }
        guard let file else {
            throw HDF5Error(.mismatch, operation: "store an image in", path: names.path, detail: "the run is complete")
        }
        if file.images == 0 { partBegin = MonotonicTime.now() }
        try file.append(metadata, chunk)
        if options.mode == .swmr {
            // Only now can it be read, and recovered.
            if file.images == 1 { try file.publish(as: isSingle ? names.path : names.part(part), replacing: isSingle) }
            reportHandedOver()
        }
    }

    /// Does what is due although no image comes; to be called about once a second.
    func tick() throws(HDF5Error) {
        if isPartFull(next: 0) { try beginPart() }
        if options.mode == .swmr {
            try file?.flushIfDue()
            reportHandedOver()
        }
    }

    /// Completes everything.
    ///
    /// - Throws: the first failure. Everything that could be stored is in the files all the same.
    func close() throws(HDF5Error) {
        guard file != nil || part > 1 else { return }
        var failure: HDF5Error?
        do throws(HDF5Error) {
            if isSingle || (part == 1 && options.mode == .safe) {
                try completeOnlyFile()
            } else {
                try completePart()
            }
        } catch { failure = error }
        file = nil
        queue.drain()
        if let failure = queue.failure ?? failure { throw failure }
    }

    deinit { try? close() }

    /// Whether there will be one file, whatever comes.
    private var isSingle: Bool { options.mode == .swmr && options.imagesPerPart == nil && options.bytesPerPart == nil }

    private func isPartFull(next bytes: Int) -> Bool {
        guard let file, file.images > 0 else { return false }
        if let limit = options.imagesPerPart, file.images >= limit { return true }
        if let limit = options.bytesPerPart, file.bytes + bytes > limit { return true }
        guard options.mode == .safe, let seconds = options.secondsPerPart else { return false }
        return Double(MonotonicTime.now() - partBegin) >= seconds * 1e9
    }

    private func beginPart() throws(HDF5Error) {
        do throws(HDF5Error) {
            try completePart()
            part += 1
            file = try makePart()
        } catch {
            failure = error
            throw error
        }
    }

    private func makePart() throws(HDF5Error) -> ImageStackFile {
        let file = try ImageStackFile(creating: names.new(part), overwrite: true, contents, options)
        if options.mode == .safe { try file.publish(as: names.partial(part), replacing: false) }
        return file
    }

    /// Closes the part; the rest happens while the next one is written.
    private func completePart() throws(HDF5Error) {
        guard let file = file.take() else { return }
        var failure: HDF5Error?
        do throws(HDF5Error) { try file.close() } catch { failure = error }
        droppedBefore += file.droppedAnnotations
        let (names, part, sources, isSafe) = (names, part, sources, options.mode == .safe)
        let ownership = options.ownership
        guard file.images > 0 else {
            FilePath.remove(file.path)
            if let failure { throw failure }
            return
        }
        completed += file.images
        queue.add(images: completed) { () throws(HDF5Error) in
            if isSafe {
                try Publishing.publish(names.partial(part), as: names.part(part), replacing: false)
            } else {
                try Publishing.synchronize(names.part(part))
            }
            let all = sources.append(try SourceFile(scanning: names.part(part), name: names.name(part)))
            try VirtualFile.write(to: names.newPath, sources: all, order: ImageOrder(appending: all.map(\.images)))
            try Publishing.publish(names.newPath, as: names.path, replacing: true, ownership: ownership)
        }
        if let failure { throw failure }
    }

    /// A run that fits into one file becomes just that.
    private func completeOnlyFile() throws(HDF5Error) {
        guard let file = file.take() else { return }
        var failure: HDF5Error?
        do throws(HDF5Error) { try file.close() } catch { failure = error }
        droppedBefore += file.droppedAnnotations
        let (names, isSingle) = (names, isSingle)
        guard file.images > 0 || !isSingle else {
            // The empty file that is there already is the result.
            FilePath.remove(file.path)
            if let failure { throw failure }
            return
        }
        queue.add(images: file.images) { () throws(HDF5Error) in
            if isSingle {
                try Publishing.synchronize(names.path)
            } else {
                try Publishing.publish(names.partial(1), as: names.path, replacing: true)
            }
        }
        if let failure { throw failure }
    }

    /// Has what readers of a growing file see written through to the disk.
    private func reportHandedOver() {
        guard let file, completed + file.handedOver > reported else { return }
        reported = completed + file.handedOver
        let descriptor = OwnedDescriptor(file.duplicateDescriptor())
        let path = names.path
        queue.add(images: reported) { () throws(HDF5Error) in try Publishing.synchronize(descriptor.number, path) }
    }

    private func checkFormat() throws(HDF5Error) {
        let format = contents.format
        guard format.pixels > 0, format.bytes <= UInt32.max else {
            throw HDF5Error(
                .mismatch, operation: "create", path: names.path,
                detail: "images of \(format.width) x \(format.height) \(format.pixelType) pixels cannot be a chunk of a file",
                advice: "an image has 1 byte to 4 GiB")
        }
    }

    /// Makes certain that no part of another run is taken for one of this.
    private func clearParts(overwrite: Bool) throws(HDF5Error) {
        let found = names.existing()
        let parts = found.parts.map(names.part) + found.partials.map(names.partial)
        for path in parts + [names.path] where access(path, F_OK) == 0 {
            if FileUse.isWritten(path) {
                throw HDF5Error(
                    .locked, operation: "create", path: names.path, detail: "\(path) is being written by another program",
                    advice: "choose another name")
            }
        }
        for path in found.new.map(names.new) { FilePath.remove(path) }
        guard let first = parts.first else { return }
        guard overwrite else {
            throw HDF5Error(
                .exists, operation: "create", path: names.path, detail: "\(first) is a part of an earlier run",
                advice: "choose another name, or allow overwriting; daqctl recover completes a run that was interrupted")
        }
        for path in parts { FilePath.remove(path) }
    }
}

/// The complete parts of a run.
private final class SourceList: Sendable {
    private let list = Mutex<[SourceFile]>([])

    /// Adds a part.
    ///
    /// - Returns: all of them.
    func append(_ source: SourceFile) -> [SourceFile] {
        list.withLock { list in
            list.append(source)
            return list
        }
    }
}

/// A descriptor that is closed when nobody needs it any more.
private final class OwnedDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }
}
