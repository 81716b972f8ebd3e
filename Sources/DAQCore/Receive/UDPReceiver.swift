import CDAQLinux
import Synchronization

/// One receiving thread: reads the sockets of its ports in turn and hands every datagram to its port group.
final class UDPReceiver: Sendable {
    /// What is known about the thread from outside.
    private struct Status {
        var counters = PacketCounters()
        var drops: UInt64 = 0
        var error: ReceiveError?
    }

    /// Sockets cannot be copied, so an array of them needs a reference each.
    private final class Port: Sendable {
        let socket: UDPSocket

        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }

    /// How long a socket that never runs empty is read after a stop, in nanoseconds.
    private static let longestDrain: UInt64 = 1_000_000_000

    private let configuration: DetectorConfiguration
    private let indexes: Range<Int>
    private let ports: [Port]
    private let status = Mutex(Status())

    /// Binds the sockets of the placed streams `indexes`.
    init(_ configuration: DetectorConfiguration, indexes: Range<Int>) throws(ReceiveError) {
        self.configuration = configuration
        self.indexes = indexes
        var ports: [Port] = []
        for stream in configuration.placedStreams[indexes] {
            ports.append(
                Port(
                    try UDPSocket(
                        address: configuration.bindAddress, port: stream.udpPort, multicastGroup: configuration.multicastGroup,
                        bufferBytes: configuration.receive.socketBufferBytes)))
        }
        self.ports = ports
    }

    /// The smallest receive buffer that the kernel granted, in bytes.
    var smallestBuffer: Int { ports.map { $0.socket.bufferBytes }.min() ?? 0 }

    /// What happened to datagrams so far.
    var ledger: PacketLedger {
        status.withLock { status in
            var ledger = status.counters.ledger
            ledger.kernelDropped = status.drops
            return ledger
        }
    }

    /// Why the thread gave up, if it did.
    var error: ReceiveError? { status.withLock { $0.error } }

    /// Receives until `stop` is set and what had arrived by then is read. Runs on a thread of its own.
    func run(assembler: ImageAssembler, board: ImageBoard, buffer: any ImageBuffer, stop: borrowing Atomic<Bool>) {
        let configuration = configuration
        var group = PortGroup(
            configuration, indexes: indexes, format: { configuration.packetFormat(of: $0) }, assembler: assembler,
            board: board, buffer: buffer)
        let longest = configuration.placedStreams[indexes].map { configuration.packetFormat(of: $0).maximumDatagramBytes }
        let pool = PacketPool(capacity: configuration.receive.batch, maximumDatagramBytes: longest.max() ?? 0)
        var idle = Idle(sockets: ports.map { $0.socket.descriptor })
        // A detector that goes on sending must not keep the run from ending: each socket is read until it was empty once.
        var unread = PortSet(ports.indices)
        var deadline: UInt64?
        do {
            while true {
                let stopping = stop.load(ordering: .relaxed)
                if stopping, deadline == nil {
                    unread = PortSet(ports.indices)
                    deadline = Clock.monotonic() + Self.longestDrain
                }
                let received = try visitAll(&group, pool, &unread)
                publish(group.counters, withDrops: idle.isLong || stopping)
                if let deadline, unread.isEmpty || Clock.monotonic() > deadline { break }
                if received == 0 { idle.wait() } else { idle.end() }
            }
        } catch {
            status.withLock { $0.error = error }
        }
        group.finish()
        publish(group.counters, withDrops: true)
    }

    /// Reads every socket once, at most a batch each, and takes those that were empty then out of `unread`.
    private func visitAll(
        _ group: inout PortGroup<StandardPacketFormat>, _ pool: PacketPool, _ unread: inout PortSet
    ) throws(ReceiveError) -> Int {
        var total = 0
        for port in ports.indices {
            // Taken before the call: if the socket turns out empty, nothing had come until then.
            let time = Clock.monotonic()
            let count = try pool.fill(from: ports[port].socket)
            for index in 0..<count { group.receive(pool[index], on: port, at: time) }
            group.endVisit(of: port, at: time, isEmpty: count < pool.capacity)
            if count < pool.capacity { unread.remove(port) }
            total += count
        }
        return total
    }

    private func publish(_ counters: PacketCounters, withDrops: Bool) {
        let drops = withDrops ? ports.reduce(0) { $0 + $1.socket.drops } : nil
        status.withLock { status in
            status.counters = counters
            if let drops { status.drops = drops }
        }
    }
}

/// How a receiving thread waits when all its sockets are empty.
///
/// It sleeps for short times first, since being woken for every packet would cost the sender and us more than a look at an
/// empty socket; after a tenth of a second without packets it blocks until one comes.
private struct Idle {
    private static let nap: UInt32 = 50
    private static let napsBeforeBlocking = 1000

    let sockets: [Int32]
    private var naps = 0

    init(sockets: [Int32]) { self.sockets = sockets }

    /// Whether nothing has come for some time.
    var isLong: Bool { naps > 20 }

    mutating func end() { naps = 0 }

    mutating func wait() {
        naps += 1
        if naps < Self.napsBeforeBlocking {
            cdaq_sleep_us(Self.nap)
        } else {
            _ = cdaq_wait_readable(sockets, UInt32(sockets.count), 50)
        }
    }
}
