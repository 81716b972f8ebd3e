import DAQCore

/// How one end of a forwarding connection works.
public struct ForwardOptions: Sendable, Equatable {
    /// Which end waits for the other.
    public enum Side: String, Sendable, Hashable, CaseIterable {
        case connect, listen
    }

    /// Where to connect to, or to listen: `tcp://HOST:PORT` or `ipc:///PATH`.
    public var address: String
    /// Whether this end connects or listens.
    public var side: Side
    /// Connections that are used at the same time; the end that connects decides.
    public var connections = 2
    /// Bytes of a part; 0 sends images whole.
    public var partBytes = 8 << 20
    /// Images that may be unconfirmed at the sending end, or promised a slot at the receiving end; 0 stands for as many as make
    /// 256 MiB, and 4 at least.
    ///
    /// Each end takes at most half of its ring, so that others can have the rest. With several forwarders in a program of your own
    /// make it smaller: all of them together must leave slots to the others.
    public var window = 0
    /// Seconds that the sending end waits for room when the window is full, before it gives images up.
    ///
    /// It waits once, and then again only after the far end has confirmed something.
    public var patience = 1.0
    /// Seconds without a confirmation after which the sending end does not wait for the rest any more when it closes.
    public var farewell = 5.0
    /// Keys for encryption and authentication; `nil` sends images as they are, to whoever asks.
    public var keys: ForwardKeys?

    /// Options with the defaults.
    public init(_ side: Side, _ address: String) {
        self.side = side
        self.address = address
    }

    func window(for format: ImageFormat, slots: Int?) -> Int {
        let window = window > 0 ? window : min(1024, max(4, (256 << 20) / max(1, format.bytes)))
        return slots.map { min(window, max(1, $0 / 2)) } ?? window
    }

    /// The connections, made or made ready for the other end.
    func link(for format: ImageFormat, linger: Int) throws -> any ForwardLink {
        var options = ZMQSocketOptions()
        // Few bytes wait in a socket, so that each part takes the connection that has room; enough to keep it busy.
        let partBytes = partBytes > 0 ? min(partBytes, format.bytes) : format.bytes
        options.sendLimit = max(4, min(256, (64 << 20) / max(1, partBytes)))
        options.receiveLimit = 64
        options.linger = linger
        // Encryption makes messages longer by a few bytes.
        options.largestMessage = max(format.bytes, LinkFrames.headerLimit) + 1024
        // Both ends read all the time, whatever becomes of the images, so a queue is never full for long.
        options.heartbeat = 2000
        options.heartbeatTimeout = 10_000
        let context = try ZMQContext(ioThreads: side == .listen ? 2 : min(2, max(1, connections)))
        switch side {
        case .listen:
            if let keys, keys.peers.isEmpty { throw ForwardError.peers(keys.path, count: 0, isListening: true) }
            return try ListeningLink(address: address, keys: keys, options: options, context: context)
        case .connect:
            return try ConnectingLink(
                address: address, connections: connections, keys: keys, options: options, context: context)
        }
    }
}
