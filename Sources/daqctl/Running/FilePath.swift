import Glibc

/// Questions about paths on the command line.
enum FilePath {
    /// Whether a folder of that name exists.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether anything of that name exists.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether something that is no folder has that name.
    static func isFile(_ path: String) -> Bool { exists(path) && !isFolder(path) }

    /// The path from the root of the file system.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    /// The time now, UTC, as part of a file name that sorts by time: `20250131T120000Z`.
    static func timeStamp() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            strftime(base, buffer.count, "%Y%m%dT%H%M%SZ", &parts)
            return String(cString: base)
        }
    }
}
