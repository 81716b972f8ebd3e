import CDAQLinux
import Glibc

/// Gives complete files their names.
enum Publishing {
    /// Waits until a file is on the disk, then renames it, then waits until the name is on the disk.
    ///
    /// - Parameters:
    ///   - replacing: whether a file of that name is replaced.
    ///   - progress: called whenever the disk has answered.
    static func publish(
        _ from: String, as to: String, replacing: Bool, progress: () -> Void = {}
    ) throws(HDF5Error) {
        try synchronize(from, progress: progress)
        let result = replacing ? (rename(from, to) == 0 ? 0 : -errno) : cdaq_file_rename_new(from, to)
        guard result == 0 else { throw failure("rename", from, -result) }
        progress()
        try synchronizeDirectory(of: to)
        progress()
    }

    /// Waits until a file is on the disk.
    static func synchronize(_ path: String, progress: () -> Void = {}) throws(HDF5Error) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path, errno) }
        defer { close(descriptor) }
        try synchronize(descriptor, path, progress: progress)
    }

    /// Waits until what was written through a descriptor is on the disk.
    ///
    /// - Parameter progress: called whenever the disk has answered: one that is slow has not failed.
    static func synchronize(_ descriptor: Int32, _ path: String, progress: () -> Void = {}) throws(HDF5Error) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", path, errno) }
        let step = 64 << 20
        for offset in stride(from: 0, to: Int(status.st_size), by: step) {
            let number = -cdaq_file_write_through(descriptor, Int64(offset), Int64(step))
            // Where it cannot be done in steps, it is done at once.
            if [EINVAL, ESPIPE, ENOSYS, EOPNOTSUPP].contains(number) { break }
            // Told here, the failure is not told again.
            guard number == 0 else { throw failure("write to the disk", path, number) }
            progress()
        }
        guard fdatasync(descriptor) == 0 else { throw failure("write to the disk", path, errno) }
    }

    /// Waits until the names in a file's directory are on the disk.
    static func synchronizeDirectory(of path: String) throws(HDF5Error) {
        let directory = PartNames(path).directory
        let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open the directory of", path, errno) }
        defer { close(descriptor) }
        // Some file systems cannot do it for directories, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("write to the disk the directory of", path, errno) }
    }

    /// The failure of a system call.
    static func failure(_ operation: String, _ path: String, _ number: Int32) -> HDF5Error {
        let code: HDF5Error.Code =
            switch number {
            case ENOSPC, EDQUOT: .diskFull
            case EROFS: .readOnly
            case EACCES, EPERM: .permission
            case EEXIST: .exists
            case ENOENT, ENOTDIR: .notFound
            default: .library
            }
        return HDF5Error(code, operation: operation, path: path, detail: String(cString: strerror(number)))
    }
}
