/// A UDP socket of this host that is bound to a port.
public struct BoundSocket: Sendable, Equatable {
    /// The local address; 0.0.0.0 for all.
    public var address: IPv4Address
    /// The local port.
    public var port: Int
    /// Datagrams dropped because its buffer was full.
    public var drops: Int

    /// A bound socket.
    public init(address: IPv4Address, port: Int, drops: Int) {
        self.address = address
        self.port = port
        self.drops = drops
    }

    /// Whether it keeps another socket from binding `port` of `address`.
    func blocks(_ port: Int, of address: IPv4Address) -> Bool {
        self.port == port && (self.address == address || self.address == .any || address == .any)
    }
}
