import Glibc

/// Reads a file that ought to be a configuration.
enum ConfigurationFile {
    /// More is no configuration: the largest known detector needs about 20 kB.
    static let maximumBytes = 4 << 20

    /// The bytes of a file.
    ///
    /// - Throws: a problem of kind `unreadable`.
    static func read(_ path: String) throws(ConfigurationProblem) -> [UInt8] {
        // A C string would end at the NUL and open another file.
        guard !path.utf8.contains(0) else { throw unreadable("a path with a NUL character in it") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(reason(errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw unreadable(reason(code))
            }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else { throw unreadable("more than \(maximumBytes >> 20) MiB") }
        }
    }

    private static func unreadable(_ found: String) -> ConfigurationProblem {
        ConfigurationProblem(.unreadable, at: ConfigurationPath(), expected: "a readable JSON file", found: found)
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case ENOENT: "no such file"
        case EACCES: "a file that this user may not read"
        case EISDIR: "a directory"
        default: String(cString: strerror(code))
        }
    }
}
