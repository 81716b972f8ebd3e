import CDAQLinux
import Glibc

/// Disk space for an open file, taken before the HDF5 library needs it.
///
/// A write that fails inside the library loses what it has in memory, images stored earlier among it. So the blocks for the
/// next image, for the rows that wait and for closing the file are made certain first; where the file system cannot do
/// that, its free space is compared with them.
struct FileSpace {
    /// For the library's own metadata and the end of the file.
    static let reserve = 2 << 20
    /// For the structure of a new file.
    private static let beginning: UInt64 = 256 << 10
    /// Blocks are taken in steps of at least this size while there are enough.
    private let step: Int
    private let descriptor: Int32
    private let path: String
    private var canReserve = true
    /// Blocks are certain up to here.
    private var end = 0

    /// Space for the file of a descriptor.
    ///
    /// - Parameters:
    ///   - path: for messages.
    ///   - step: blocks are taken in steps of at least this size while there are enough.
    init(_ descriptor: Int32, _ path: String, step: Int = 4 << 20) {
        self.descriptor = descriptor
        self.path = path
        self.step = step
    }

    /// Makes certain that the file can grow.
    ///
    /// - Parameters:
    ///   - bytes: how much is to be stored, to which the reserve is added.
    ///   - size: bytes the file has, in the library's view.
    /// - Throws: when there is no space. What was certain before is so still, so the file can be closed.
    mutating func provide(_ bytes: Int, beyond size: Int) throws(HDF5Error) {
        let needed = size + bytes + Self.reserve
        guard needed > end else { return }
        if canReserve, take(upTo: needed + step) || take(upTo: needed) { return }
        // Blocks that only root may take are not counted.
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            throw HDF5Error(.library, operation: "ask for the free space of", path: path, detail: reason)
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let lacking = UInt64(needed - max(end, size))
        if !canReserve, free >= lacking { return }
        throw HDF5Error(
            .diskFull, operation: "store the next image in", path: path,
            detail: "disk full: \(free) bytes free, \(lacking) needed" + (free >= lacking ? ", and the quota is used up" : ""),
            advice: "what was stored is kept; free space, or write to another file system")
    }

    /// Makes certain that a file can be begun: the library may crash when not even its first bytes find a place.
    static func provideForNew(_ path: String) throws(HDF5Error) {
        let directory = PartNames(path).directory
        var status = statvfs()
        guard statvfs(directory.isEmpty ? "." : directory, &status) == 0 else { return }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        guard free < beginning else { return }
        throw HDF5Error(
            .diskFull, operation: "create", path: path, detail: "disk full: \(free) bytes free, \(beginning) needed",
            advice: "what was stored is kept; free space, or write to another file system")
    }

    /// To be called when the library may have cut off the blocks beyond the file's size, as it does when it flushes.
    mutating func cut(to size: Int) { end = min(end, size) }

    /// Gives back the blocks beyond the end of a file.
    static func trim(_ descriptor: Int32) {
        var status = stat()
        if fstat(descriptor, &status) == 0 { ftruncate(descriptor, status.st_size) }
    }

    private mutating func take(upTo target: Int) -> Bool {
        let result = cdaq_file_reserve(descriptor, Int64(end), Int64(target - end))
        if result == 0 { end = target }
        // Everything but a full disk means that this file system does not do it.
        if result != 0, result != -ENOSPC, result != -EDQUOT { canReserve = false }
        return result == 0
    }
}
