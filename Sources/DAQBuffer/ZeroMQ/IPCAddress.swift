import Glibc

/// Addresses of sockets in the file system, `ipc:///tmp/name`.
enum IPCAddress {
    /// Whether somebody listens at an address.
    ///
    /// ZeroMQ replaces the socket of whoever listens there, who would not notice.
    static func isTaken(_ address: String) -> Bool {
        // `ipc://@name` has no file; the system refuses a second listener itself.
        guard address.hasPrefix("ipc://"), !address.hasPrefix("ipc://@") else { return false }
        let path = Array(address.dropFirst("ipc://".count).utf8)
        var name = sockaddr_un()
        guard path.count < MemoryLayout.size(ofValue: name.sun_path) else { return false }
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
