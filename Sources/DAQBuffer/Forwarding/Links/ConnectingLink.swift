import DAQCore

/// The end that connects: a socket for each connection.
// Sendable: one thread makes it and hands it to the one that uses it from then on.
final class ConnectingLink: ForwardLink, @unchecked Sendable {
    private final class Connection {
        let socket: ZMQSocket
        let monitor: ZMQMonitor
        /// Its number while it stands.
        var channel: Int?

        init(_ address: String, _ options: ZMQSocketOptions, _ context: ZMQContext) throws(ZMQError) {
            socket = try ZMQSocket(.dealer, in: context, options: options)
            monitor = try ZMQMonitor(of: socket, in: context)
            try socket.connect(address)
        }

        deinit { monitor.end(of: socket) }
    }

    private let address: String
    private let context: ZMQContext
    private let options: ZMQSocketOptions
    /// `nil` after a refusal, until it is tried again.
    private var connections: [Connection?]
    private var byChannel: [Int: Connection] = [:]
    private var retryAt: UInt64 = 0
    private var lastNumber = 0
    private var turn = 0
    let frames = LinkFrames()
    private static let pause: UInt64 = 500_000_000

    init(address: String, connections: Int, keys: ForwardKeys?, options: ZMQSocketOptions, context: ZMQContext) throws {
        var options = options
        // What a broken connection has not delivered is dropped here and sent again by its owner.
        options.onlyConnected = true
        if let keys {
            guard keys.peers.count == 1 else { throw ForwardError.peers(keys.path, count: keys.peers.count, isListening: false) }
            options.security = .client(keys.own, server: keys.peers[0])
        }
        self.address = address
        self.context = context
        self.options = options
        self.connections = []
        for _ in 0..<max(1, connections) { self.connections.append(try Connection(address, options, context)) }
    }

    var channels: [Int] { byChannel.keys.sorted() }

    func wait(milliseconds: Int, room: Bool, wake: Int32) throws(ZMQError) {
        var set = ZMQPollSet()
        for case let connection? in connections {
            set.add(connection.socket, room: room && connection.channel != nil)
            set.add(connection.monitor.socket)
        }
        set.add(descriptor: wake)
        _ = try set.wait(milliseconds: milliseconds)
    }

    func nextEvent() throws(ZMQError) -> LinkEvent? {
        try retry()
        for _ in connections.indices {
            turn = (turn + 1) % connections.count
            guard let connection = connections[turn] else { continue }
            if let event = try connection.monitor.next() { return linkEvent(event, of: connection) }
            while let header = try frames.first(from: connection.socket) {
                guard let hasPixels = try frames.rest(from: connection.socket) else { return .nonsense }
                // What is left of a connection that is gone is of no use any more.
                if let channel = connection.channel { return .message(channel: channel, header, hasPixels: hasPixels) }
            }
        }
        return nil
    }

    private func linkEvent(_ event: ZMQMonitor.Event, of connection: Connection) -> LinkEvent? {
        switch event {
        case .opened:
            lastNumber += 1
            connection.channel = lastNumber
            byChannel[lastNumber] = connection
            return .opened(lastNumber)
        case .closed:
            guard let channel = connection.channel else { return .refused("the connection was closed before it was made") }
            byChannel[channel] = nil
            connection.channel = nil
            return .closed(channel)
        case .refused(let reason):
            // libzmq does not try again by itself after most refusals.
            connections[turn] = nil
            retryAt = Clock.monotonic() + Self.pause
            return .refused(reason)
        }
    }

    private func retry() throws(ZMQError) {
        guard connections.contains(where: { $0 == nil }), Clock.monotonic() >= retryAt else { return }
        for index in connections.indices where connections[index] == nil {
            connections[index] = try Connection(address, options, context)
        }
    }

    func send(_ bytes: [UInt8], over channel: Int) throws(ZMQError) -> LinkOutcome {
        guard let connection = byChannel[channel] else { return .gone }
        return try connection.socket.send(bytes.span.bytes, wait: false) ? .sent : .full
    }

    func send(_ bytes: [UInt8], pixelsOf image: Image, range: Range<Int>, over channel: Int) throws(ZMQError) -> LinkOutcome {
        guard let connection = byChannel[channel] else { return .gone }
        guard try connection.socket.send(bytes.span.bytes, more: true, wait: false) else { return .full }
        // Refused in the middle of a message, the connection is being closed; what it carried is then sent again.
        _ = try connection.socket.send(pixelsOf: image, range: range, wait: false)
        return .sent
    }

    // The monitors tell.
    func probe() throws(ZMQError) {}
}
