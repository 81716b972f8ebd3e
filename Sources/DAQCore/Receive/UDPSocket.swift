import CDAQLinux
import Glibc

/// A bound UDP socket that never blocks.
struct UDPSocket: ~Copyable {
    let descriptor: Int32
    /// The port it is bound to.
    let port: Int
    /// Bytes of datagrams its buffer holds, as granted by the kernel.
    let bufferBytes: Int

    /// Binds `port` of `address`, and joins a multicast group if one is given.
    ///
    /// - Parameters:
    ///   - busyPollMicroseconds: how long the kernel polls the network card when the socket is empty; 0 leaves it to the host's
    ///     setting.
    ///   - joinsDatagrams: whether the kernel may hand over several datagrams as one (UDP GRO).
    init(
        address: String, port: Int, multicastGroup: String?, bufferBytes: Int, busyPollMicroseconds: Int = 0,
        joinsDatagrams: Bool = false
    ) throws(ReceiveError) {
        guard let local = Self.parse(address) else { throw .address(address) }
        var group: UInt32 = 0
        if let multicastGroup {
            guard let parsed = Self.parse(multicastGroup) else { throw .address(multicastGroup) }
            group = parsed
        }
        guard let number = UInt16(exactly: port) else { throw .bind(address: address, port: port, errno: EINVAL) }
        let descriptor = cdaq_udp_bind(local, number, group)
        guard descriptor >= 0 else { throw .bind(address: address, port: port, errno: -descriptor) }
        if busyPollMicroseconds > 0 {
            let status = cdaq_set_busy_poll(descriptor, UInt32(clamping: busyPollMicroseconds))
            guard status == 0 else {
                close(descriptor)
                throw .busyPoll(microseconds: busyPollMicroseconds, errno: -status)
            }
        }
        if joinsDatagrams {
            let status = cdaq_enable_gro(descriptor)
            guard status == 0 else {
                close(descriptor)
                throw .joining(errno: -status)
            }
        }
        self.descriptor = descriptor
        self.port = Int(cdaq_socket_port(descriptor))
        self.bufferBytes = Int(max(0, cdaq_set_receive_buffer(descriptor, Int32(clamping: bufferBytes))))
    }

    deinit { close(descriptor) }

    /// Datagrams that the kernel dropped here because the buffer was full.
    var drops: UInt64 { UInt64(max(0, cdaq_socket_drops(descriptor))) }

    /// The bytes of an IPv4 address in network order.
    private static func parse(_ text: String) -> UInt32? {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1 ? address.s_addr : nil
    }
}
