/// The sockets of a port group, the buffers they are read into, and the group that sorts what arrives.
///
/// One thread at a time uses a session; it never blocks.
package struct ReceiveSession: ~Copyable {
    /// Sockets cannot be copied, so an array of them needs a reference each.
    final class Port: Sendable {
        let socket: UDPSocket

        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }

    private let ports: [Port]
    private let pool: PacketPool
    private var group: PortGroup<StandardPacketFormat>
    /// Sockets that were not found empty since ``beginDrain()``.
    private var unread = PortSet()
    /// When the last pass over the sockets began.
    private(set) var visitedAt: UInt64 = 0

    /// A session for the placed streams `indexes`, whose sockets are bound; all its memory is touched.
    init(
        _ configuration: DetectorConfiguration, indexes: Range<Int>, ports: [Port], assembler: ImageAssembler,
        board: ImageBoard, buffer: any ImageBuffer
    ) throws(ReceiveError) {
        self.ports = ports
        group = PortGroup(
            configuration, indexes: indexes, format: { configuration.packetFormat(of: $0) }, assembler: assembler,
            board: board, buffer: buffer, patience: SlotPatience(configuration.ring.wait))
        let longest = configuration.placedStreams[indexes].map { configuration.packetFormat(of: $0).maximumDatagramBytes }
        pool = try PacketPool(
            configuration.receive.joinsDatagrams
                ? .joined : .single(maximumDatagramBytes: longest.max() ?? 0, count: configuration.receive.batch))
    }

    /// What happened to the datagrams so far.
    var counters: PacketCounters { group.counters }

    /// From now on ``isDrained`` tells whether everything that has arrived until now was read.
    mutating func beginDrain() { unread = PortSet(ports.indices) }

    /// Whether every socket was found empty since ``beginDrain()``, be it that new datagrams have come since.
    var isDrained: Bool { unread.isEmpty }

    /// Reads every socket once, at most a batch each.
    ///
    /// - Returns: how many datagrams were read.
    package mutating func visitAll() throws(ReceiveError) -> Int {
        var total = 0
        // Taken before the calls: if a socket turns out empty, nothing had come until then.
        let time = Clock.monotonic()
        visitedAt = time
        for port in ports.indices {
            let count = try pool.fill(from: ports[port].socket)
            for index in 0..<count {
                for datagram in pool[index] {
                    group.receive(datagram, on: port, at: time)
                    total += 1
                }
            }
            group.endVisit(of: port, at: time, isEmpty: count < pool.capacity)
            if count < pool.capacity { unread.remove(port) }
        }
        group.endPass()
        return total
    }

    /// The run is over: closes every frame and settles every held packet.
    package mutating func finish() { group.finish() }
}
