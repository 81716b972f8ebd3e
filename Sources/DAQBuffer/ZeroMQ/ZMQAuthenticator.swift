/// Decides which clients may connect to the CURVE servers of a context, by their public keys.
///
/// The I/O threads ask it while a connection is made; the thread that owns it must call ``serve()`` often.
/// Source: RFC 27/ZAP of the ZeroMQ project.
package struct ZMQAuthenticator: ~Copyable {
    private let socket: ZMQSocket
    private let allowed: Set<[UInt8]>
    private let message: ZMQMessage

    /// Lets clients with these public keys in, and nobody else; at most one in a context, made before its servers listen.
    ///
    /// - Throws: ``ZMQError``, or ``CurveKeyError`` when a key is none.
    package init(allowing keys: [String], in context: ZMQContext) throws {
        let allowed = Set(try keys.map { try CurveKeys.bytes(of: $0) })
        let socket = try ZMQSocket(.reply, in: context)
        try socket.bind("inproc://zeromq.zap.01")
        self.allowed = allowed
        self.socket = socket
        message = ZMQMessage()
    }

    /// Lets its thread wait for requests, among other things.
    package func join(_ set: inout ZMQPollSet) { set.add(socket) }

    /// Answers the requests that are waiting.
    package func serve() throws(ZMQError) {
        while try socket.receive(message, wait: false) {
            // Version, request id, domain, address, identity, mechanism, public key.
            var frames = [copy()]
            while try socket.hasMore, try socket.receive(message) {
                // Nobody but libzmq of this process asks, and it sends seven frames.
                if frames.count < 7 { frames.append(copy()) }
            }
            let isKnown = frames.count == 7 && frames[5] == Array("CURVE".utf8) && allowed.contains(frames[6])
            for frame in [frames[0], frames.count > 1 ? frames[1] : []] {
                _ = try socket.send(frame.span.bytes, more: true)
            }
            _ = try socket.send(isKnown ? "200" : "400", more: true)
            _ = try socket.send(isKnown ? "OK" : "unknown key", more: true)
            _ = try socket.send("", more: true)
            _ = try socket.send("")
        }
    }

    private func copy() -> [UInt8] { message.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } } }
}
