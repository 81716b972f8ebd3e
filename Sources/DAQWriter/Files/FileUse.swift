import CDAQLinux
import Glibc

/// Who writes a file.
///
/// Writers of this library, in whatever process, hold a lock on the file they write as long as it is open.
enum FileUse {
    /// Whether somebody is writing a file; nobody writes a link.
    static func isWritten(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        // The lock goes with the descriptor.
        defer { close(descriptor) }
        return !lock(descriptor)
    }

    /// Makes a file that was just created this program's own.
    ///
    /// - Returns: `false` when somebody else has taken it for one that nobody needs, or put another one in its place.
    static func claim(_ descriptor: Int32, _ path: String) -> Bool {
        // Whoever looks whether it is written has the lock for a moment.
        var attempts = 0
        while !lock(descriptor) {
            attempts += 1
            guard attempts < 20 else { return false }
            usleep(5000)
        }
        var (opened, named) = (stat(), stat())
        guard fstat(descriptor, &opened) == 0, lstat(path, &named) == 0 else { return false }
        return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
    }

    /// Removes a file that its writer has not completed; of a link only the link, whatever it leads to.
    ///
    /// - Throws: ``HDF5Error/Code/locked`` when its writer is still there.
    static func removeLeftover(_ path: String) throws(HDF5Error) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        // Locked until it is gone: a writer that has created it just now notices.
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0 || errno != EACCES else { throw HDF5Error(system: EACCES, operation: "replace", path: path) }
        guard descriptor < 0 || claim(descriptor, path) else { throw isTaken(path) }
        FilePath.remove(path)
    }

    /// The failure of who wants to write a file of somebody else.
    static func isTaken(_ path: String) -> HDF5Error {
        HDF5Error(
            .locked, operation: "create", path: path, detail: "another program is writing it",
            advice: "choose another name, or stop that program")
    }

    /// Where there are no locks, nobody has one.
    private static func lock(_ descriptor: Int32) -> Bool { ![-EAGAIN, -EACCES].contains(cdaq_file_lock(descriptor)) }
}
