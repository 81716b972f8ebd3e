import Glibc

/// Why packets cannot be received.
public enum ReceiveError: Error, Equatable, CustomStringConvertible {
    /// A text is not an IPv4 address.
    case address(String)
    /// A port could not be bound.
    case bind(address: String, port: Int, errno: Int32)
    /// A socket failed while receiving.
    case receive(port: Int, errno: Int32)
    /// The kernel refuses to poll the network card for a socket.
    case busyPoll(microseconds: Int, errno: Int32)
    /// The kernel cannot join datagrams.
    case joining(errno: Int32)
    /// There is no memory for the buffers of a receiving thread.
    case memory(bytes: Int)
    /// No stream of the detector has a position.
    case nothingToReceive
    /// The detector sends no packets.
    case wholeImages(String)

    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .address(let text):
            "\"\(text)\" is not an IPv4 address such as 10.0.0.1"
        case .bind(let address, let port, EADDRINUSE):
            "UDP port \(port) on \(address) is in use by another program; find it with: ss -ulpn 'sport = :\(port)'"
        case .bind(let address, let port, EADDRNOTAVAIL):
            "cannot bind UDP port \(port): this host has no address \(address); see: ip -4 address"
        case .bind(let address, let port, EACCES):
            "cannot bind UDP port \(port) on \(address): not permitted; ports below 1024 need CAP_NET_BIND_SERVICE"
        case .bind(let address, let port, let errno):
            "cannot bind UDP port \(port) on \(address): \(String(cString: strerror(errno)))"
        case .receive(let port, let errno):
            "receiving on UDP port \(port) failed: \(String(cString: strerror(errno)))"
        case .busyPoll(let microseconds, EPERM):
            "receive.busy_poll \(microseconds) is not permitted: it needs CAP_NET_ADMIN, or as root: "
                + "sysctl -w net.core.busy_read=\(microseconds); 0 switches it off"
        case .busyPoll(let microseconds, let errno):
            "receive.busy_poll \(microseconds) cannot be set: \(String(cString: strerror(errno))); 0 switches it off"
        case .joining(let errno):
            "receive.gro cannot be switched on: \(String(cString: strerror(errno))); it needs Linux 5.0 or later; "
                + "false switches it off"
        case .memory(let bytes):
            "no memory for receive buffers of \(bytes >> 10) KiB; make receive.batch smaller or use a larger host"
        case .nothingToReceive:
            "no module of the detector has a position, so there is nothing to receive; see module_positions"
        case .wholeImages(let name):
            "\(name) sends whole images and no packets; receive them with a StreamSource of DAQBuffer"
        }
    }
}
