internal import CDAQZMQ

/// Tells what happens to the connections of a socket; used by the thread that uses the socket.
package struct ZMQMonitor: ~Copyable {
    /// Something happened to a connection.
    package enum Event: Equatable, Sendable {
        /// It stands, and both ends have shown their keys.
        case opened
        /// It is broken.
        case closed
        /// The other end was not let in, or did not let us in.
        case refused(String)
    }

    package let socket: ZMQSocket
    private let message: ZMQMessage
    private static let events =
        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
        | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

    /// Watches a socket that is not connected yet.
    package init(of watched: borrowing ZMQSocket, in context: ZMQContext) throws(ZMQError) {
        // The handle tells sockets of a context apart as long as they exist.
        let address = "inproc://monitor-\(UInt(bitPattern: watched.handle))"
        guard zmq_socket_monitor(watched.handle, address, Self.events) == 0 else { throw ZMQError("watch", watched.name) }
        let socket = try ZMQSocket(.pair, in: context)
        try socket.connect(address)
        self.socket = socket
        message = ZMQMessage()
    }

    /// Ends watching; to be called before either socket is closed.
    ///
    /// A thread of ZeroMQ that has something to tell would wait for ever for this end to be there again.
    package func end(of watched: borrowing ZMQSocket) { zmq_socket_monitor(watched.handle, nil, 0) }

    /// The next event, if there is one.
    package func next() throws(ZMQError) -> Event? {
        while try socket.receive(message, wait: false) {
            let (kind, value) = message.withBytes { bytes -> (Int32, UInt32) in
                guard bytes.byteCount == 6 else { return (0, 0) }
                return (
                    Int32(bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt16.self)),
                    bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt32.self)
                )
            }
            try socket.skipRest(message)
            if let event = Self.event(kind, Int32(truncatingIfNeeded: value)) { return event }
        }
        return nil
    }

    private static func event(_ kind: Int32, _ value: Int32) -> Event? {
        switch kind {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .opened
        case ZMQ_EVENT_DISCONNECTED: .closed
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            .refused("the listening end does not know the public key of the connecting end (answer \(value))")
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .refused(protocolFailure(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            .refused("the connection was closed while keys were exchanged; do both ends have keys, and the right ones?")
        default: nil
        }
    }

    private static func protocolFailure(_ code: Int32) -> String {
        switch code {
        case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC:
            "the keys do not match; the connecting end needs the public key of the listening end"
        case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: "one end uses keys and the other does not"
        default: "the other end does not speak ZeroMQ as expected (code 0x\(String(UInt32(bitPattern: code), radix: 16)))"
        }
    }
}
