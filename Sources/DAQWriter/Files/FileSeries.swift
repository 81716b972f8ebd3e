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
        do throws(HDF5Error) {
            // From here on nobody else can begin this run.
            let file = try ImageStackFile(creating: names.new(1), overwrite: true, contents, options)
            self.file = file
            let earlier = try findEarlier(overwrite: overwrite)
            for path in earlier.unfinished { FilePath.remove(path) }
            if options.mode == .safe { try file.publish(as: names.partial(1), replacing: false) }
            try makeEmptyFile(replacing: overwrite)
            for path in earlier.parts { FilePath.remove(path) }
        } catch {
            // Only what is this run's own.
            if let file = file.take() { FilePath.remove(file.path) }
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
            if file.images == 1 {
                do throws(HDF5Error) {
                    try file.publish(as: isSingle ? names.path : names.part(part), replacing: isSingle)
                } catch {
                    failure = error
                    throw error
                }
            }
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
        var failure: HDF5Error?
        do throws(HDF5Error) {
            if isSingle || (part == 1 && options.mode == .safe) {
                try completeOnlyFile()
            } else {
                try completePart()
            }
        } catch { failure = error }
        queue.drain()
        if let failure = queue.failure ?? self.failure ?? failure { throw failure }
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
        do throws(HDF5Error) {
            if options.mode == .safe { try file.publish(as: names.partial(part), replacing: false) }
        } catch {
            FilePath.remove(file.path)
            throw error
        }
        return file
    }

    /// Creates the file of the run's name as it is until there is something to show.
    private func makeEmptyFile(replacing: Bool) throws(HDF5Error) {
        var options = options
        options.mode = .safe
        let file = try ImageStackFile(creating: names.newPath, overwrite: true, contents, options)
        do throws(HDF5Error) {
            try file.close()
            try file.publish(as: names.path, replacing: replacing)
        } catch {
            FilePath.remove(file.path)
            throw error
        }
    }

    /// Closes the file that is being written, and removes it when it has nothing to show.
    ///
    /// - Returns: how many images it has, and its lock, so that nobody takes it for left over until it has its final name;
    ///   `nil` when it is not needed.
    /// - Throws: when it is not whole. It then stays as it is, and nobody is shown it: opening it could do harm.
    private func closeFile(keepingEmpty: Bool) throws(HDF5Error) -> (images: Int, lock: OwnedDescriptor)? {
        guard let file = file.take() else { return nil }
        let lock = OwnedDescriptor(file.duplicateDescriptor())
        // Without its name, its images were refused.
        let isNeeded = file.isPublished && (file.images > 0 || keepingEmpty)
        do throws(HDF5Error) {
            defer { droppedBefore += file.droppedAnnotations }
            try file.close()
            // The library's own lock, which would keep its readers away, is on the same open file.
            _ = flock(lock.number, LOCK_UN)
        } catch {
            guard file.isPublished, file.images > 0 else {
                FilePath.remove(file.path)
                throw error
            }
            throw HDF5Error(
                error.code, operation: error.operation, path: error.path, detail: error.detail,
                advice: (error.advice.isEmpty ? "" : "\(error.advice); ")
                    + "daqctl recover \(names.path) shows what was stored of \(file.path)")
        }
        if !isNeeded { FilePath.remove(file.path) }
        return isNeeded ? (file.images, lock) : nil
    }

    /// Closes the part; the rest happens while the next one is written.
    private func completePart() throws(HDF5Error) {
        guard let (images, lock) = try closeFile(keepingEmpty: false) else { return }
        let (names, part, sources, isSafe) = (names, part, sources, options.mode == .safe)
        let ownership = options.ownership
        completed += images
        queue.add(images: completed) { progress throws(HDF5Error) in
            defer { withExtendedLifetime(lock) {} }
            if isSafe {
                try Publishing.publish(names.partial(part), as: names.part(part), replacing: false, progress: progress)
            } else {
                try Publishing.synchronize(names.part(part), progress: progress)
            }
            let all = sources.append(try SourceFile(scanning: names.part(part), name: names.name(part)))
            try VirtualFile.write(
                to: names.newPath, sources: all, order: ImageOrder(appending: all.map(\.images)), ownership: ownership)
            try Publishing.publish(names.newPath, as: names.path, replacing: true, progress: progress)
        }
    }

    /// A run that fits into one file becomes just that.
    private func completeOnlyFile() throws(HDF5Error) {
        // Without images the result is the empty file that is there already.
        guard let (images, lock) = try closeFile(keepingEmpty: !isSingle) else { return }
        let (names, isSingle) = (names, isSingle)
        queue.add(images: images) { progress throws(HDF5Error) in
            defer { withExtendedLifetime(lock) {} }
            if isSingle {
                try Publishing.synchronize(names.path, progress: progress)
            } else {
                try Publishing.publish(names.partial(1), as: names.path, replacing: true, progress: progress)
            }
        }
    }

    /// Has what readers of a growing file see written through to the disk.
    private func reportHandedOver() {
        guard let file, file.isPublished, completed + file.handedOver > reported else { return }
        reported = completed + file.handedOver
        let descriptor = OwnedDescriptor(file.duplicateDescriptor())
        let path = names.path
        queue.add(images: reported) { progress throws(HDF5Error) in
            try Publishing.synchronize(descriptor.number, path, progress: progress)
        }
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

    /// Finds what there is of an earlier run of this name; no other run's files are taken for its own.
    ///
    /// - Throws: ``HDF5Error`` when there are files that may not be removed.
    private func findEarlier(overwrite: Bool) throws(HDF5Error) -> (parts: [String], unfinished: [String]) {
        let found = names.existing()
        let parts = found.parts.map(names.part)
        let partials = found.partials.map(names.partial)
        // The first one is this run's own.
        let unfinished = partials + found.new.filter { $0 > 1 }.map(names.new)
        for path in [names.path] + parts + unfinished where FileUse.isWritten(path) {
            throw HDF5Error(
                .locked, operation: "create", path: names.path, detail: "\(path) is being written by another program",
                advice: "choose another name")
        }
        guard overwrite || parts + partials == [] else {
            throw HDF5Error(
                .exists, operation: "create", path: names.path, detail: "\((parts + partials)[0]) is a part of an earlier run",
                advice: "choose another name, or allow overwriting; daqctl recover completes a run that was interrupted")
        }
        let shown = parts.isEmpty ? [] : namesShown()
        if let other = found.parts.first(where: { !shown.contains(names.name($0)) }) {
            throw HDF5Error(
                .exists, operation: "create", path: names.path,
                detail: "\(names.part(other)) would be taken for a part of it, and is none of the file that is replaced",
                advice:
                    "if a run of this name was killed, daqctl recover completes it; else choose another name, or move that file away"
            )
        }
        return (parts, unfinished)
    }

    /// Names of the files that the earlier file of this name shows.
    private func namesShown() -> [String] {
        guard let file = try? HDF5ImageFile(path: names.path) else { return [] }
        return (try? file.stack.virtualSources().map(\.file)) ?? []
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
