/// What a ``PacketSender`` did so far.
public struct SenderStatistics: Sendable, Equatable {
    /// Datagrams that the kernel took.
    public internal(set) var packets = 0
    /// Bytes of these datagrams, headers of the network left out.
    public internal(set) var bytes = 0
    /// Images sent.
    public internal(set) var images = 0
    /// Images that began more than a millisecond after their time.
    public internal(set) var lateImages = 0
    /// The longest time in nanoseconds by which a group of packets was late.
    public internal(set) var worstLateness: UInt64 = 0
    /// How often a host said that nobody listens at a port (ECONNREFUSED); the packet at hand is then sent again.
    public internal(set) var refused = 0
    /// How often the kernel had no room for a packet (EAGAIN, ENOBUFS); the sender waits and tries again.
    public internal(set) var waits = 0
    /// How often a group of packets waited for its receiver to read.
    public internal(set) var receiverWaits = 0
    /// Packets that could not be sent.
    public internal(set) var failed = 0
    /// The error number of the last packet that could not be sent, 0 if there was none.
    public internal(set) var lastError: Int32 = 0
    /// Calls of the kernel that sent something.
    public internal(set) var calls = 0
    /// Packets that the kernel cut out of larger messages.
    public internal(set) var segmented = 0

    /// Nothing yet.
    public init() {}
}
