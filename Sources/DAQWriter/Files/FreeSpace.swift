import Glibc

/// Keeps a file from running into a full disk while the HDF5 library could not survive it.
struct FreeSpace {
    /// Kept free for what is still in memory: the library's metadata and the end of the file.
    static let reserve = 2 << 20

    /// Throws when `bytes` and the reserve do not fit on the file system of an open file.
    ///
    /// One call of fstatvfs (about a microsecond on local file systems).
    static func check(_ descriptor: Int32, needed bytes: Int, _ path: String) throws(HDF5Error) {
        var status = statvfs()
        guard fstatvfs(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            throw HDF5Error(.library, operation: "ask for the free space of", path: path, detail: reason)
        }
        // Blocks that only root may take are not counted.
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let needed = UInt64(bytes + reserve)
        guard free >= needed else {
            throw HDF5Error(
                .diskFull, operation: "store the next image in", path: path,
                detail: "disk full: \(free) bytes free, \(needed) needed",
                advice: "what was stored is kept; free space, or write to another file system")
        }
    }
}
