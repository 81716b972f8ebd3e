import DAQCore
import Glibc

/// The end that listens: one socket for all connections, told apart by the identity that the socket gives each.
// Sendable: one thread makes it and hands it to the one that uses it from then on; its address never changes.
final class ListeningLink: ForwardLink, @unchecked Sendable {
    /// More connections than this are nobody's intention.
    static let channelLimit = 256

    /// Where it listens, with the port that was chosen.
    let address: String
    private let socket: ZMQSocket
    private let monitor: ZMQMonitor
    private let authenticator: ZMQAuthenticator?
    let frames = LinkFrames()
    private var identities: [Int: [UInt8]] = [:]
    private var numbers: [[UInt8]: Int] = [:]
    private var lastNumber = 0
    private var waiting: [LinkEvent] = []

    init(address: String, keys: ForwardKeys?, options: ZMQSocketOptions, context: ZMQContext) throws {
        var options = options
        options.isStrictRouter = true
        if let keys {
            authenticator = try ZMQAuthenticator(allowing: keys.peers, in: context)
            options.security = .server(keys.own)
        } else {
            authenticator = nil
        }
        socket = try ZMQSocket(.router, in: context, options: options)
        monitor = try ZMQMonitor(of: socket, in: context)
        self.address = try socket.bind(address)
    }

    deinit { monitor.end(of: socket) }

    var channels: [Int] { identities.keys.sorted() }

    func wait(milliseconds: Int, room: Bool, wake: Int32) throws(ZMQError) {
        guard waiting.isEmpty else { return }
        var set = ZMQPollSet()
        set.add(socket, room: room && !identities.isEmpty)
        set.add(monitor.socket)
        authenticator?.join(&set)
        set.add(descriptor: wake)
        _ = try set.wait(milliseconds: milliseconds)
    }

    func nextEvent() throws(ZMQError) -> LinkEvent? {
        if !waiting.isEmpty { return waiting.removeFirst() }
        try authenticator?.serve()
        while let event = try monitor.next() {
            // Which connection was opened or closed shows when it is used.
            if case .refused(let reason) = event { return .refused(reason) }
        }
        guard let identity = try frames.first(from: socket) else { return nil }
        guard try socket.hasMore, let header = try frames.first(from: socket), let hasPixels = try frames.rest(from: socket)
        else {
            return .nonsense
        }
        if let number = numbers[identity] { return .message(channel: number, header, hasPixels: hasPixels) }
        guard identities.count < Self.channelLimit else { return .nonsense }
        lastNumber += 1
        numbers[identity] = lastNumber
        identities[lastNumber] = identity
        waiting.append(.message(channel: lastNumber, header, hasPixels: hasPixels))
        return .opened(lastNumber)
    }

    func send(_ bytes: [UInt8], over channel: Int) throws(ZMQError) -> LinkOutcome {
        try send(over: channel) { () throws(ZMQError) in try socket.send(bytes.span.bytes, wait: false) }
    }

    func send(_ bytes: [UInt8], pixelsOf image: Image, range: Range<Int>, over channel: Int) throws(ZMQError) -> LinkOutcome {
        try send(over: channel) { () throws(ZMQError) in
            guard try socket.send(bytes.span.bytes, more: true, wait: false) else { return false }
            return try socket.send(pixelsOf: image, range: range, wait: false)
        }
    }

    /// The identity decides; what follows it is taken, or lost with the connection.
    private func send(over channel: Int, _ rest: () throws(ZMQError) -> Bool) throws(ZMQError) -> LinkOutcome {
        guard let identity = identities[channel] else { return .gone }
        do throws(ZMQError) {
            guard try socket.send(identity.span.bytes, more: true, wait: false) else { return .full }
        } catch {
            guard error.code == EHOSTUNREACH else { throw error }
            numbers[identity] = nil
            identities[channel] = nil
            waiting.append(.closed(channel))
            return .gone
        }
        _ = try rest()
        return .sent
    }

    func probe() throws(ZMQError) {
        let nothing = ForwardMessage.beat.encoded(stream: 0)
        for channel in channels { _ = try send(nothing, over: channel) }
    }
}
