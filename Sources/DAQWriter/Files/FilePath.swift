import Glibc

/// Says what is wrong with a path before the HDF5 library would, and better.
enum FilePath {
    /// Checks that a file can be created.
    static func checkCreatable(_ path: String, overwrite: Bool) throws(HDF5Error) {
        func failure(_ code: HDF5Error.Code, _ detail: String, _ advice: String) -> HDF5Error {
            HDF5Error(code, operation: "create", path: path, detail: detail, advice: advice)
        }
        guard !path.isEmpty else { throw failure(.notFound, "the path is empty", "give the file a name") }
        var status = stat()
        // A link that leads nowhere is there all the same.
        if stat(path, &status) == 0 || lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw failure(.wrongKind, "this is a directory", "add a file name")
            }
            guard overwrite else {
                throw failure(.exists, "the file exists already", "choose another name, or allow overwriting")
            }
            guard access(path, W_OK) == 0 || errno == ENOENT else {
                throw denied(errno, path, "the file cannot be replaced")
            }
        }
        let directory = parent(of: path)
        guard stat(directory, &status) == 0 else {
            throw failure(.notFound, "the directory \(directory) does not exist", "create it first")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw failure(.wrongKind, "\(directory) is not a directory", "check the path")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            throw denied(errno, path, "the directory \(directory) cannot be written")
        }
    }

    /// Checks that a file can be read.
    static func checkReadable(_ path: String) throws(HDF5Error) {
        func failure(_ code: HDF5Error.Code, _ detail: String, _ advice: String) -> HDF5Error {
            HDF5Error(code, operation: "open", path: path, detail: detail, advice: advice)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw failure(.permission, String(cString: strerror(errno)), "check the permissions of its directories")
            }
            throw failure(.notFound, "there is no such file", "check the path")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw failure(.wrongKind, "this is not a regular file", "check the path")
        }
        guard status.st_size > 0 else {
            throw failure(.notHDF5, "the file is empty", "its writer may not have closed it, or the disk was full")
        }
        guard access(path, R_OK) == 0 else { throw failure(.permission, "the file cannot be read", "check the permissions") }
    }

    /// The path from the root of the file system.
    static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether two paths lead to the same file.
    static func isSame(_ first: String, _ second: String) -> Bool {
        var (a, b) = (stat(), stat())
        guard stat(first, &a) == 0, stat(second, &b) == 0 else { return first == second }
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino
    }

    /// Removes a file that could not be completed.
    static func remove(_ path: String) { unlink(path) }

    /// The directory a file is in.
    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func denied(_ number: Int32, _ path: String, _ what: String) -> HDF5Error {
        let readOnly = number == EROFS
        return HDF5Error(
            readOnly ? .readOnly : .permission, operation: "create", path: path,
            detail: "\(what): \(String(cString: strerror(number)))",
            advice: readOnly ? "the file system is mounted read-only" : "check the permissions and the user this runs as")
    }
}
