import CDAQLinux
import Synchronization

/// Receives a detector's datagrams and stores them in a capture file as they come, good or bad.
public final class PacketRecorder: Sendable {
    /// What a recorder has stored so far.
    public struct Progress: Sendable, Equatable {
        /// Datagrams stored.
        public var datagrams: UInt64 = 0
        /// Bytes of these datagrams.
        public var bytes: UInt64 = 0
        /// Frames that are over on every port that has sent something: whole images, good or not.
        public var images = 0
        /// Datagrams that the kernel dropped because a socket's buffer was full.
        public var kernelDropped: UInt64 = 0
    }

    /// Sockets cannot be copied, so an array of them needs a reference each.
    private final class Port: Sendable {
        let socket: UDPSocket

        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }

    private let configuration: DetectorConfiguration
    private let ports: [Port]
    private let state = Mutex(Progress())
    private let stopping = Atomic(false)

    /// Binds the ports of all placed streams.
    public init(_ configuration: DetectorConfiguration) throws(ReceiveError) {
        self.configuration = configuration
        var ports: [Port] = []
        for stream in configuration.placedStreams {
            ports.append(
                Port(
                    try UDPSocket(
                        address: configuration.bindAddress, port: stream.udpPort, multicastGroup: configuration.multicastGroup,
                        bufferBytes: configuration.receive.socketBufferBytes,
                        busyPollMicroseconds: configuration.receive.busyPollMicroseconds)))
        }
        guard !ports.isEmpty else { throw .nothingToReceive }
        self.ports = ports
    }

    /// What is stored so far.
    public var progress: Progress { state.withLock { $0 } }

    /// Asks ``run(to:images:)`` to return.
    ///
    /// May be called from any thread.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    /// Records until `images` images are over, or until ``stop()`` and what had arrived by then is stored; then the file is
    /// complete.
    ///
    /// - Throws: ``ReceiveError`` when a socket fails, ``CaptureError`` when the file cannot be written.
    public func run(to path: String, images: Int? = nil) throws {
        let writer = try PcapWriter(path: path)
        let formats = configuration.placedStreams.map { configuration.packetFormat(of: $0) }
        let pool = try PacketPool(
            .single(
                maximumDatagramBytes: formats.map(\.maximumDatagramBytes).max() ?? 0, count: configuration.receive.batch))
        var counter = ImageCounter(configuration, formats: formats)
        var end: UInt64?
        var unread = PortSet()
        var dropsReadAt: UInt64 = 0
        while true {
            let now = Clock.monotonic()
            if end == nil, stopping.load(ordering: .relaxed) {
                end = now + UDPReceiver.longestDrain
                unread = PortSet(ports.indices)
            }
            var received = 0
            for port in ports.indices {
                let count = try pool.fill(from: ports[port].socket)
                try store(pool, count, of: port, formats[port], to: writer, &counter, at: now)
                if count < pool.capacity { unread.remove(port) }
                received += count
            }
            let over = counter.images(at: now)
            state.withLock { $0.images = over }
            if now >= dropsReadAt + UDPReceiver.dropsPeriod {
                readDrops()
                dropsReadAt = now
            }
            if let images, over >= images { break }
            if let end, unread.isEmpty || now >= end { break }
            if received == 0 { cdaq_sleep_us(100) }
        }
        readDrops()
        try writer.close()
    }

    /// Stores what one visit to a port has brought.
    private func store(
        _ pool: PacketPool, _ count: Int, of port: Int, _ format: StandardPacketFormat, to writer: PcapWriter,
        _ counter: inout ImageCounter, at now: UInt64
    ) throws {
        let time = Clock.utc()
        let number = UInt16(truncatingIfNeeded: ports[port].socket.port)
        var (datagrams, bytes): (UInt64, UInt64) = (0, 0)
        // What was stored before an error is counted, too.
        defer {
            state.withLock { progress in
                progress.datagrams += datagrams
                progress.bytes += bytes
            }
        }
        for index in 0..<count {
            for datagram in pool[index] {
                try writer.write(datagram, time: time, destinationPort: number)
                if case .packet(let header) = format.read(datagram) { counter.add(header, on: port, at: now) }
                datagrams += 1
                bytes += UInt64(datagram.count)
            }
        }
    }

    private func readDrops() {
        let drops = ports.reduce(0) { $0 + $1.socket.drops }
        state.withLock { $0.kernelDropped = drops }
    }
}
