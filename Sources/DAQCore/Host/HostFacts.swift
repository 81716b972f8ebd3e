/// What is known about a host, in plain numbers; `nil` is what could not be read.
public struct HostFacts: Sendable, Equatable {
    /// Release of the kernel, such as `6.1.0-18-amd64`.
    public var kernelRelease: String?
    /// What the kernel tells the time by.
    public var clockSource: String?
    /// Processors.
    public var processors = Processors()
    /// Memory.
    public var memory = Memory()
    /// Limits and counters of the network that belong to no interface.
    public var network = Network()
    /// Network interfaces; `nil` when they could not be listed.
    public var interfaces: [NetworkInterface]?
    /// Where images are to be written, if anywhere.
    public var target: StorageTarget?

    /// Nothing is known.
    public init() {}

    /// Processors by their numbers.
    public struct Processors: Sendable, Equatable {
        /// Those that run.
        public var online: [Int]?
        /// Those that this process may use (cgroup, taskset).
        public var allowed: [Int]?
        /// Those that the scheduler leaves alone (`isolcpus`).
        public var isolated: [Int]?
        /// Frequency governors; processors without one are absent.
        public var governors: [Int: String] = [:]
    }

    /// Memory in bytes, and the use of huge pages.
    public struct Memory: Sendable, Equatable {
        /// What can be taken without swapping.
        public var available: Int?
        /// What this process's group may still take.
        public var groupAvailable: Int?
        /// `always`, `madvise` or `never`.
        public var hugePages: String?
        /// The same for shared memory; also `advise`, `within_size`, `deny` and `force`.
        public var sharedHugePages: String?
        /// Number of huge pages that are set aside and not in use, and the size of one in bytes.
        public var reservedHugePages: Int?, hugePageBytes: Int?
        /// Free space for shared memory.
        public var shared: Int?
    }

    /// Limits and counters of the network.
    public struct Network: Sendable, Equatable {
        /// `net.core.rmem_max`.
        public var receiveBufferLimit: Int?
        /// Bytes of datagrams that a socket was granted when it asked for what is configured.
        public var receiveBufferGranted: Int?
        /// Whether the limit may be exceeded (SO_RCVBUFFORCE).
        public var canForceReceiveBuffer: Bool?
        /// `net.core.netdev_max_backlog`.
        public var backlogLimit: Int?
        /// Packets dropped since the start of the host because the backlog was full.
        public var backlogDrops: Int?
        /// Datagrams of all sockets dropped since the start of the host because a buffer was full.
        public var bufferDrops: Int?
        /// Bound UDP sockets.
        public var sockets: [BoundSocket]?
        /// Whether the kernel offers UDP_GRO.
        public var offersGRO: Bool?
        /// Whether SO_BUSY_POLL can be set to what is configured (1 microsecond when it is off).
        public var canBusyPoll: Bool?
    }
}
