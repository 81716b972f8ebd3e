internal import CDAQZMQ

/// All parts of one message, kept until the next one is received.
struct ReceivedMessage: ~Copyable {
    /// A part in a place of its own, which it keeps while others are added.
    private final class Part {
        let message = ZMQMessage()
    }

    private let limit: Int
    private var places: [Part] = []
    /// The bytes of the parts; they are there until the next call of ``receive(from:wait:)``.
    private(set) var parts: [UnsafeRawBufferPointer] = []

    /// A place for messages.
    ///
    /// - Parameter limit: of longer messages so many parts are kept and one more; the rest is let go.
    init(limit: Int) { self.limit = limit }

    /// Receives the next message without waiting for it.
    ///
    /// - Returns: whether there was one.
    mutating func receive(from socket: borrowing ZMQSocket) throws(ZMQError) -> Bool {
        parts.removeAll(keepingCapacity: true)
        repeat {
            if places.count == parts.count { places.append(Part()) }
            let part = places[parts.count]
            guard try socket.receive(part.message, wait: !parts.isEmpty) else { return false }
            parts.append(part.message.bytes)
            if parts.count > limit {
                try socket.skipRest(part.message)
                parts[limit] = UnsafeRawBufferPointer(start: nil, count: 0)
                return true
            }
        } while places[parts.count - 1].message.hasMore
        // The parts of an earlier, longer message need no memory any more.
        places.removeLast(places.count - parts.count)
        return true
    }
}

extension ZMQMessage {
    /// The bytes, for as long as nothing else is received into this message.
    fileprivate var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: zmq_msg_data(handle), count: count)
    }
}
