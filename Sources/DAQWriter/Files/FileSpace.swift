import CDAQLinux
import Glibc

/// Disk space for an open file, taken before the HDF5 library needs it.
///
/// A write of its own data that fails inside the library loses what it has in memory, images stored earlier among it. So the
/// blocks for the next image, for the rows that wait and for closing the file are made certain first; where the file system
/// cannot do that, its free space is compared with them.
///
/// Taking blocks of a file system in memory costs as much as a tenth of writing them. There only those are taken that the
/// library needs for itself, some beforehand and beside the file. An image's pixels are written at once, and when they find
/// no space the library has nothing to lose: it knows of the image only afterwards.
struct FileSpace {
    /// For the library's own metadata and the end of the file.
    static let reserve = 2 << 20
    /// What the library needs at once when an image comes, at most: nodes of its index.
    private static let margin = 256 << 10
    /// Rows wait up to this size, and the images whose rows they are.
    private static let waiting = 768 << 10

    private let step: Int
    private let descriptor: Int32
    private let path: String
    private var canReserve = true
    /// Blocks are certain up to here; with spare blocks, from the end of the file on.
    private var end = 0
    /// Whether images find their own blocks.
    private let isInMemory: Bool
    private var spare: SpareBlocks?

    /// Space for the file of a descriptor.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - step: blocks are taken in steps of at least this size while there are enough.
    ///   - ahead: whether images take their place before they come, wherever the file is.
    init(_ descriptor: Int32, _ path: String, step: Int = 4 << 20, ahead: Bool = false) throws(HDF5Error) {
        self.descriptor = descriptor
        self.path = path
        self.step = step
        var isInMemory = !ahead && cdaq_file_is_in_memory(descriptor) != 0
        if isInMemory {
            spare = SpareBlocks(Self.reserve + Self.waiting, besides: path)
            isInMemory = spare != nil
        }
        self.isInMemory = isInMemory
        try provideRows(0, beyond: 0)
    }

    /// Makes certain that an image can be stored, and the rows that wait.
    ///
    /// - Parameters:
    ///   - bytes: the image's pixels.
    ///   - rows: bytes of the rows that wait.
    ///   - size: bytes the file has, in the library's view.
    /// - Throws: when there is no space. What was certain before is so still, so the file can be closed.
    mutating func provideImage(_ bytes: Int, rows: Int, beyond size: Int) throws(HDF5Error) {
        guard isInMemory else { return try provide(bytes + rows, beyond: size) }
        let free = try freeBytes()
        guard free >= bytes + Self.margin else { throw full(free: free, lacking: bytes + Self.margin) }
    }

    /// Makes certain that the rows that wait can be stored, and the end of the file.
    ///
    /// - Throws: when there is no space.
    mutating func provideRows(_ bytes: Int, beyond size: Int) throws(HDF5Error) {
        do throws(HDF5Error) {
            guard isInMemory else { return try provide(bytes, beyond: size) }
            let needed = size + bytes + Self.reserve
            if needed > end { try takeOrSpare(from: max(end, size), upTo: needed) }
        } catch {
            // The end of the file, which the reserve is for, may have used a part of it.
            guard end >= size + bytes + Self.reserve / 2 else { throw error }
        }
    }

    /// To be called when an image is stored: makes certain what the library has placed beside it.
    ///
    /// - Throws: when there is no space for it.
    mutating func cover(from old: Int, to new: Int, image bytes: Int) throws(HDF5Error) {
        let extra = new - old - bytes
        guard isInMemory, new > end, extra > 0 else { return }
        // The image is somewhere in between, so there is nothing else in its middle.
        try takeOrSpare(from: old, upTo: old + extra)
        try takeOrSpare(from: new - extra, upTo: new)
    }

    /// Makes certain that a file can be begun: the library may crash when not even its first bytes find a place.
    static func provideForNew(_ path: String) throws(HDF5Error) {
        let directory = PartNames(path).directory
        var status = statvfs()
        guard statvfs(directory.isEmpty ? "." : directory, &status) == 0 else { return }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        guard free < UInt64(margin) else { return }
        throw HDF5Error(
            .diskFull, operation: "create", path: path, detail: "disk full: \(free) bytes free, \(margin) needed",
            advice: "what was stored is kept; free space, or write to another file system")
    }

    /// To be called when the library may have cut off the blocks beyond the file's size, as it does when it flushes.
    mutating func cut(to size: Int) { end = min(end, size) }

    /// Gives back the blocks beyond the end of a file.
    static func trim(_ descriptor: Int32) {
        var status = stat()
        if fstat(descriptor, &status) == 0 { ftruncate(descriptor, status.st_size) }
    }

    private mutating func provide(_ bytes: Int, beyond size: Int) throws(HDF5Error) {
        let needed = size + bytes + Self.reserve
        guard needed > end else { return }
        if canReserve, take(from: end, upTo: needed + step) || take(from: end, upTo: needed) { return }
        let free = try freeBytes()
        let lacking = needed - max(end, size)
        guard !canReserve, free >= lacking else { throw full(free: free, lacking: lacking) }
    }

    private mutating func takeOrSpare(from begin: Int, upTo target: Int) throws(HDF5Error) {
        if take(from: begin, upTo: target) { return }
        if spare.take() != nil, take(from: begin, upTo: target) { return }
        throw full(free: try freeBytes(), lacking: target - begin)
    }

    private mutating func take(from begin: Int, upTo target: Int) -> Bool {
        let result = cdaq_file_reserve(descriptor, Int64(begin), Int64(target - begin))
        if result == 0 { end = target }
        // Everything but a full disk means that this file system does not do it.
        if result != 0, result != -ENOSPC, result != -EDQUOT { canReserve = false }
        return result == 0
    }

    private func freeBytes() throws(HDF5Error) -> Int {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else {
            throw HDF5Error(system: errno, operation: "ask for the free space of", path: path)
        }
        // Blocks that only root may take are not counted; a file system in memory without a limit has none at all.
        if status.f_blocks == 0 { return .max }
        return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    private func full(free: Int, lacking: Int) -> HDF5Error {
        let isQuota = free >= lacking
        return HDF5Error(
            .diskFull, operation: "store the next image in", path: path,
            detail: "disk full: \(free) bytes free, \(lacking) needed" + (isQuota ? ", and the quota is used up" : ""),
            advice: "what was stored is kept; free space, \(isQuota ? "raise the quota, " : "")or write to another file system")
    }
}
