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
        /// Frames that are over on every port that has sent something: whole images.
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

    /// Records until `images` images are over, or ``stop()``; then the file is complete.
    ///
    /// - Throws: ``ReceiveError`` when a socket fails, ``CaptureError`` when the file cannot be written.
    public func run(to path: String, images: Int? = nil) throws {
        let writer = try PcapWriter(path: path)
        let formats = configuration.placedStreams.map { configuration.packetFormat(of: $0) }
        let pool = PacketPool(
            .single(
                maximumDatagramBytes: formats.map(\.maximumDatagramBytes).max() ?? 0, count: configuration.receive.batch))
        var counters = FixedArray(count: formats.count) {
            FrameCounter(packetsPerFrame: formats[$0].packets.count, window: configuration.receive.window)
        }
        while !stopping.load(ordering: .relaxed) {
            var received = 0
            for port in ports.indices {
                let count = try pool.fill(from: ports[port].socket)
                let time = Clock.utc()
                for index in 0..<count {
                    for datagram in pool[index] {
                        try writer.write(
                            datagram, time: time, destinationPort: UInt16(truncatingIfNeeded: ports[port].socket.port))
                        if case .packet(let header) = formats[port].read(datagram) { counters[port].add(header) }
                        state.withLock { progress in
                            progress.datagrams += 1
                            progress.bytes += UInt64(datagram.count)
                        }
                    }
                }
                received += count
            }
            let over = counters.indices.filter { counters[$0].hasStarted }.map { counters[$0].framesOver }.min() ?? 0
            state.withLock { $0.images = over }
            if let images, over >= images { break }
            if received == 0 { cdaq_sleep_us(100) }
        }
        let drops = ports.reduce(0) { $0 + $1.socket.drops }
        state.withLock { $0.kernelDropped = drops }
        try writer.close()
    }
}

/// Counts the frames of a port that are over: complete, or left behind by newer ones.
private struct FrameCounter: ~Copyable {
    private var reassembler: FrameReassembler
    private(set) var framesOver = 0

    init(packetsPerFrame: Int, window: Int) {
        reassembler = FrameReassembler(packetsPerFrame: packetsPerFrame, window: window, step: 1)
    }

    var hasStarted: Bool { reassembler.low != nil }

    mutating func add(_ header: PacketHeader) {
        var over = 0
        switch reassembler.accept(frame: header.frameNumber, packet: header.packet, at: 0) {
        case .adds, .duplicate, .below: break
        case .completes:
            over += 1
            reassembler.slide { _ in }
        case .begins, .ahead:
            reassembler.moveWindow(to: header.frameNumber) { _ in over += 1 }
            reassembler.open(
                .init(number: header.frameNumber, image: ImageKey(segment: 0, id: header.frameNumber), destination: .late))
            if case .completes = reassembler.accept(frame: header.frameNumber, packet: header.packet, at: 0) { over += 1 }
        }
        framesOver += over
    }
}
