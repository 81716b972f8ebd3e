import CDAQLinux
import Glibc

/// Gives complete files their names.
enum Publishing {
    /// Waits until a file is on the disk, then renames it, then waits until the name is on the disk.
    ///
    /// - Parameters:
    ///   - replacing: whether a file of that name is replaced.
    ///   - ownership: whose the file shall be before it has its name.
    static func publish(
        _ from: String, as to: String, replacing: Bool, ownership: ResolvedOwnership? = nil
    ) throws(HDF5Error) {
        if let ownership { try give(from, to: ownership) }
        try synchronize(from)
        let result = replacing ? (rename(from, to) == 0 ? 0 : -errno) : cdaq_file_rename_new(from, to)
        guard result == 0 else { throw HDF5Error(system: -result, operation: "rename", path: from) }
        try synchronizeDirectory(of: to)
    }

    private static func give(_ path: String, to ownership: ResolvedOwnership) throws(HDF5Error) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw HDF5Error(system: errno, operation: "open", path: path) }
        defer { close(descriptor) }
        let number = ownership.apply(to: descriptor)
        guard number == 0 else { throw HDF5Error(system: number, operation: "give to its owner", path: path) }
    }

    /// Waits until a file is on the disk.
    static func synchronize(_ path: String) throws(HDF5Error) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HDF5Error(system: errno, operation: "open", path: path) }
        defer { close(descriptor) }
        try synchronize(descriptor, path)
    }

    /// Waits until what was written through a descriptor is on the disk.
    static func synchronize(_ descriptor: Int32, _ path: String) throws(HDF5Error) {
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
