import Glibc

/// Lets everything fail that is written to a file from now on, while it can still be read: as on a disk that has become full.
enum BrokenDisk {
    /// Breaks the open file of a name.
    ///
    /// - Returns: whether this process has such a file open.
    static func fail(_ path: String) -> Bool {
        guard let descriptor = descriptor(of: path) else { return false }
        let reading = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(reading) }
        return dup2(reading, descriptor) == descriptor
    }

    /// The descriptor of an open file of this process.
    static func descriptor(of path: String) -> Int32? {
        (0..<1024).first { descriptor in
            var name = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &name, name.count)
            return count > 0 && String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
        }
    }
}
