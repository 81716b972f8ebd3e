import Glibc

extension HDF5Error {
    /// The failure of a system call.
    ///
    /// - Parameters:
    ///   - number: its error number.
    ///   - more: what else is known; may be empty.
    init(system number: Int32, operation: String, path: String, more: String = "") {
        let (code, advice) = Self.meaning(of: number)
        // In the words that people know; the kernel's are for few of them.
        let reason = number == ENOSPC ? "disk full" : String(cString: strerror(number))
        self.init(
            code, operation: operation, path: path, detail: more.isEmpty ? reason : "\(reason): \(more)", advice: advice)
    }

    /// What an error number means for somebody who has to store images.
    private static func meaning(of number: Int32) -> (Code, advice: String) {
        switch number {
        case ENOSPC: (.diskFull, "what was stored is kept; free space, or write to another file system")
        case EDQUOT: (.diskFull, "what was stored is kept; free space, raise the quota, or write to another file system")
        case EROFS:
            (
                .readOnly,
                "it is mounted read-only, or has become so after an error of the disk (dmesg tells); write to another file system"
            )
        case EIO, ESTALE, ENXIO, ENODEV:
            (.disk, "the disk, or the way to it, is out of order (dmesg tells); write to another file system")
        case EACCES, EPERM: (.permission, "check the permissions and the user this runs as")
        case EEXIST: (.exists, "choose another name, or allow overwriting")
        case ENOENT, ENOTDIR: (.notFound, "check the path; a directory may have been removed")
        default: (.library, "")
        }
    }
}
