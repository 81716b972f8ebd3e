import CDAQLinux
import Glibc

/// Whether somebody is writing a file.
enum FileUse {
    /// Whether a writer of this library, in whatever process, has the file open.
    static func isWritten(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        // The lock goes with the descriptor.
        defer { close(descriptor) }
        return [-EAGAIN, -EACCES].contains(cdaq_file_lock(descriptor))
    }
}
