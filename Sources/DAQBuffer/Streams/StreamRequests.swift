import DAQCore

/// The clients that have asked for an image and wait for it, each once, in the order in which they asked.
struct StreamRequests {
    /// More clients than these are not kept.
    private static let limit = 1000
    /// A longer request is refused.
    private static let longest = 256

    /// What the socket calls the clients that wait.
    private(set) var waiting: [[UInt8]] = []
    /// Requests that were none, or came while the client's last one was not answered.
    private(set) var refused: UInt64 = 0

    /// Takes what clients have sent; requests that are none are answered with what is wrong.
    mutating func hear(_ socket: borrowing ZMQSocket, _ message: borrowing ZMQMessage) throws(ZMQError) {
        for _ in 0..<Self.limit {
            guard try socket.receive(message, wait: false) else { return }
            let client = message.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
            // The client, an empty part, the request: what REQ sends.
            guard try socket.hasMore, try socket.receive(message, wait: false), message.count == 0, message.hasMore,
                try socket.receive(message, wait: false)
            else {
                refused += 1
                try socket.skipRest(message)
                continue
            }
            let isRequest = message.count <= Self.longest && !message.hasMore
            try socket.skipRest(message)
            if isRequest, waiting.count < Self.limit, !waiting.contains(client) {
                waiting.append(client)
                continue
            }
            refused += 1
            // A client that waits gets an answer already.
            if !isRequest, try socket.address(client) {
                _ = try socket.send(
                    #"{"htype":"error-1.0","error":"a request is one part of at most \#(Self.longest) bytes"}"#, wait: false)
            }
        }
    }

    /// The clients that wait; they have been answered afterwards.
    mutating func take() -> [[UInt8]] {
        defer { waiting.removeAll() }
        return waiting
    }
}

extension ZMQSocket {
    /// Begins a message to one client of a router.
    func address(_ client: [UInt8]) throws(ZMQError) -> Bool {
        guard try send(client.span.bytes, more: true, wait: false) else { return false }
        return try send("", more: true, wait: false)
    }
}
