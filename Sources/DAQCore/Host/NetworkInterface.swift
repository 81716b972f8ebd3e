/// A network interface; `nil` is what could not be read.
public struct NetworkInterface: Sendable, Equatable {
    /// Its name, such as `eth0`.
    public var name: String
    /// Whether it is switched on.
    public var isUp = false
    /// Whether it leads back to this host.
    public var isLoopback = false
    /// Whether there is a device behind it.
    public var isPhysical = false
    /// The largest IP packet, in bytes.
    public var mtu: Int?
    /// Bits per second.
    public var speed: Int?
    /// Packets dropped by the kernel since the interface exists, for any reason.
    public var dropped: Int?
    /// Packets that the card had no room for.
    public var missed: Int?
    /// Entries of the receive ring, now and at most.
    public var ring: Ring?
    /// Whether it joins packets of a stream before the kernel looks at them (generic receive offload).
    public var joinsPackets: Bool?
    /// IPv4 addresses and the lengths of their prefixes; `nil` when they could not be listed.
    public var addresses: [Address]?

    /// An interface of which only the name is known.
    public init(name: String) { self.name = name }

    /// Whether datagrams to an address of this host can come in here.
    func owns(_ address: IPv4Address) -> Bool {
        (addresses ?? []).contains { own in
            // All of 127.0.0.0/8 is this host.
            own.address == address || isLoopback && own.address.prefix(own.prefix) == address.prefix(own.prefix)
        }
    }

    /// Entries of a receive ring.
    public struct Ring: Sendable, Equatable {
        /// As it is set.
        public var entries: Int
        /// As the card allows.
        public var most: Int
    }

    /// An address and its network.
    public struct Address: Sendable, Equatable {
        /// The address.
        public var address: IPv4Address
        /// Number of bits that name the network.
        public var prefix: Int
    }
}
