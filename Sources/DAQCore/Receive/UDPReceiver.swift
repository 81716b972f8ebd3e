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

    private let ports: [ReceiveSession.Port]
    private let status = Mutex(Status())
    /// The sockets with their buffers, until somebody reads them.
    private let session: Mutex<ReceiveSession?>

    /// Binds the sockets of the placed streams `indexes`, and touches all memory that reading them takes.
    init(
        _ configuration: DetectorConfiguration, indexes: Range<Int>, assembler: ImageAssembler, board: ImageBoard,
        buffer: any ImageBuffer
    ) throws(ReceiveError) {
        var ports: [ReceiveSession.Port] = []
        for stream in configuration.placedStreams[indexes] {
            ports.append(
                ReceiveSession.Port(
                    try UDPSocket(
                        address: configuration.bindAddress, port: stream.udpPort, multicastGroup: configuration.multicastGroup,
                        bufferBytes: configuration.receive.socketBufferBytes,
                        busyPollMicroseconds: configuration.receive.busyPollMicroseconds,
                        joinsDatagrams: configuration.receive.joinsDatagrams)))
        }
        self.ports = ports
        session = Mutex(
            try ReceiveSession(
                configuration, indexes: indexes, ports: ports, assembler: assembler, board: board, buffer: buffer))
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

    /// The sockets with their buffers, for a caller that reads them instead of ``run(stop:)``; `nil` when they were taken before.
    func takeSession() -> ReceiveSession? { session.withLock { $0.take() } }

    /// How long a receiver that is behind goes on reading after `stop` was set: its sockets may never be empty.
    static let longestDrain: UInt64 = 200_000_000
    /// So often the kernel is asked what it has dropped, while datagrams come.
    static let dropsPeriod: UInt64 = 100_000_000

    /// Receives until `stop` is set and what had arrived by then is read.
    ///
    /// Runs on a thread of its own.
    func run(stop: borrowing Atomic<Bool>) {
        guard var session = takeSession() else { return }
        var idle = Idle(sockets: ports.map { $0.socket.descriptor }, buffer: smallestBuffer)
        var end: UInt64?
        var dropsReadAt: UInt64 = 0
        do {
            while true {
                if end == nil, stop.load(ordering: .relaxed) {
                    end = Clock.monotonic() + Self.longestDrain
                    session.beginDrain()
                }
                let received = try session.visitAll()
                // Datagrams are dropped just when there is no idle time.
                let isTime = idle.isLong || end != nil || session.visitedAt >= dropsReadAt + Self.dropsPeriod
                publish(session.counters, withDrops: isTime)
                if isTime { dropsReadAt = session.visitedAt }
                if let end, session.isDrained || Clock.monotonic() > end { break }
                if received == 0 { idle.wait() } else { idle.end() }
            }
        } catch {
            status.withLock { $0.error = error }
        }
        session.finish()
        publish(session.counters, withDrops: true)
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
/// empty socket. Each nap costs as much as ten packets, so naps become longer; after a millisecond the thread blocks until a
/// packet comes.
private struct Idle {
    /// In microseconds, as all times here.
    private static let shortestNap = 50
    private static let longestNap = 200
    private static let restBeforeBlocking = 1000
    /// While images may wait for what does not come any more, their timeouts are looked at so often.
    private static let shortBlock = 5000
    private static let longBlock = 50_000
    private static let restBeforeLongBlocks = 100_000

    private let sockets: [Int32]
    private let longestNap: Int
    private var nap = Self.shortestNap
    /// How long it has waited since something came.
    private var rest = 0

    /// - Parameter buffer: bytes of the smallest buffer; in a nap an eighth of it may come at 100 Gbit/s.
    init(sockets: [Int32], buffer: Int) {
        self.sockets = sockets
        longestNap = min(Self.longestNap, max(Self.shortestNap, buffer / 100_000))
    }

    /// Whether nothing has come for some time.
    var isLong: Bool { rest >= Self.restBeforeBlocking }

    mutating func end() {
        nap = Self.shortestNap
        rest = 0
    }

    mutating func wait() {
        guard isLong else {
            cdaq_sleep_us(UInt32(nap))
            rest += nap
            nap = min(2 * nap, longestNap)
            return
        }
        let block = rest < Self.restBeforeLongBlocks ? Self.shortBlock : Self.longBlock
        _ = cdaq_wait_readable(sockets, UInt32(sockets.count), Int32(block / 1000))
        rest += block
    }
}
