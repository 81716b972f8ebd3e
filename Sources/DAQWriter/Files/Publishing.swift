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
        guard result == 0 else { throw HDF5Error(system: -result, operation: "rename", path: from) }
        progress()
        try synchronizeDirectory(of: to)
        progress()
    }

    /// Waits until a file is on the disk.
    static func synchronize(_ path: String, progress: () -> Void = {}) throws(HDF5Error) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HDF5Error(system: errno, operation: "open", path: path) }
        defer { close(descriptor) }
        try synchronize(descriptor, path, progress: progress)
    }

    /// Waits until what was written through a descriptor is on the disk.
    ///
    /// - Parameter progress: called whenever the disk has answered: one that is slow has not failed.
    static func synchronize(_ descriptor: Int32, _ path: String, progress: () -> Void = {}) throws(HDF5Error) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw HDF5Error(system: errno, operation: "look at", path: path) }
        let step = 64 << 20
        for offset in stride(from: 0, to: Int(status.st_size), by: step) {
            let number = -cdaq_file_write_through(descriptor, Int64(offset), Int64(step))
            // Where it cannot be done in steps, it is done at once.
            if [EINVAL, ESPIPE, ENOSYS, EOPNOTSUPP].contains(number) { break }
            // Told here, the failure is not told again.
            guard number == 0 else { throw HDF5Error(system: number, operation: "write to the disk", path: path) }
            progress()
        }
        guard fdatasync(descriptor) == 0 else { throw HDF5Error(system: errno, operation: "write to the disk", path: path) }
    }

    /// Waits until the names in a file's directory are on the disk.
    static func synchronizeDirectory(of path: String) throws(HDF5Error) {
        let directory = PartNames(path).directory
        let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HDF5Error(system: errno, operation: "open the directory of", path: path) }
        defer { close(descriptor) }
        // Some file systems cannot do it for directories, and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw HDF5Error(system: errno, operation: "write to the disk the directory of", path: path)
        }
    }
}
