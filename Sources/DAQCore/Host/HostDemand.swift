/// What an acquisition asks of the host, in plain numbers.
public struct HostDemand: Sendable, Equatable {
    /// Rates in images per second at which times are told when none is given.
    public static let usualRates = [100.0, 2000.0]

    /// Whether there is a configuration; without one only what every detector needs is looked at.
    public let hasConfiguration: Bool
    /// Local IPv4 address to receive on.
    public let bindAddress: String
    /// Whether a multicast group is joined, whose port other programs may share.
    public let isMulticast: Bool
    /// UDP ports, one a stream.
    public let ports: [Int]
    /// The longest datagram in bytes.
    public let datagramBytes: Int
    /// The most bytes a port gets for one image, headers included.
    public let portBytes: Int
    /// Bytes of all ports for one image, headers included.
    public let sentBytes: Int
    /// Bytes of one image in memory and files.
    public let imageBytes: Int
    /// Threads that receive.
    public let threads: Int
    /// Processors they are pinned to, in turn.
    public let cpus: [Int]
    /// Bytes asked for each socket.
    public let socketBufferBytes: Int
    /// Microseconds of busy polling; 0 is off.
    public let busyPollMicroseconds: Int
    /// Whether the kernel may hand over several datagrams as one.
    public let joinsDatagrams: Bool
    /// Memory that a run takes, and the part of it that other processes can see: the images and what is known about them.
    public let memoryBytes: Int, ringBytes: Int
    /// Images per second, if known.
    public let rate: Double?
    /// The file or folder that images are to be written to, if any.
    public let writePath: String?

    /// What a configuration asks for; `nil` stands for any detector.
    ///
    /// - Precondition: the configuration is valid.
    public init(_ configuration: DetectorConfiguration?, rate: Double? = nil, writePath: String? = nil) {
        self.rate = rate
        self.writePath = writePath
        hasConfiguration = configuration != nil
        bindAddress = configuration?.bindAddress ?? "0.0.0.0"
        isMulticast = configuration?.multicastGroup != nil
        let receive = configuration?.receive ?? ReceiveConfiguration()
        cpus = receive.cpus
        socketBufferBytes = receive.socketBufferBytes
        busyPollMicroseconds = receive.busyPollMicroseconds
        joinsDatagrams = receive.joinsDatagrams
        guard let configuration else {
            ports = []
            // JUNGFRAU has the longest datagrams: 8192 bytes of pixels and a header.
            datagramBytes = StandardPacketFormat.headerBytes + 8192
            (portBytes, sentBytes, imageBytes, memoryBytes, ringBytes) = (0, 0, 0, 0, 0)
            threads = 1
            return
        }
        let streams = configuration.placedStreams
        let formats = streams.map(configuration.packetFormat(of:))
        let bytes = formats.map { $0.packets.count * $0.maximumDatagramBytes }
        ports = streams.map(\.udpPort)
        datagramBytes = formats.map(\.maximumDatagramBytes).max() ?? 0
        portBytes = bytes.max() ?? 0
        sentBytes = bytes.reduce(0, +)
        imageBytes = configuration.imageFormat.bytes
        // By grid one thread owns all ports.
        threads = configuration.moduleGrid == nil ? max(1, min(receive.threads, streams.count)) : 1
        // A geometry that cannot be assembled is for `daqctl check` to report; the pixels alone are close enough here.
        let plan = MemoryPlan(configuration, slotBytes: try? ImageAssembler.slotBytes(for: configuration))
        memoryBytes = plan.totalBytes
        ringBytes = plan.ringBytes + plan.indexBytes
    }

    /// The rates at which times are told.
    var rates: [Double] { rate.map { [$0] } ?? Self.usualRates }
}
