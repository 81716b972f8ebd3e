import Glibc

/// A plain UDP socket on loopback.
final class DatagramSocket {
    let descriptor: Int32

    /// A socket that only sends.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("no socket: \(String(cString: strerror(errno)))") }
    }

    /// A socket that holds a port on all addresses.
    convenience init(boundTo port: Int) throws {
        try self.init()
        var address = Self.address(INADDR_ANY, port)
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure("port \(port): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Sends one datagram to a port of this host.
    func send(_ bytes: [UInt8], to port: Int) throws {
        var address = Self.address(INADDR_LOOPBACK, port)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard sent == bytes.count else { throw Failure("sending to port \(port): \(String(cString: strerror(errno)))") }
    }

    private static func address(_ host: in_addr_t, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = host.bigEndian
        return address
    }
}
