import DAQCore

/// Hears what the std-daq services of this host say about images; used by one thread.
package struct StdDAQSubscriber: ~Copyable {
    private let socket: ZMQSocket
    private let message = ZMQMessage()

    /// Subscribes to everything at an address.
    ///
    /// - Throws: ``ZMQError``.
    package init(to address: String) throws(ZMQError) {
        var options = ZMQSocketOptions()
        // As the services have it; a larger message is from somebody else, and its sender is cut off.
        options.receiveLimit = 50_000
        options.largestMessage = Int(StdDAQMetadata.maximumBytes)
        let socket = try ZMQSocket(.subscribe, in: ZMQContext(), options: options)
        try socket.connect(address)
        self.socket = socket
    }

    /// What the next message says, or why it cannot be used; `nil` when none came in time.
    ///
    /// - Parameter milliseconds: how long to wait.
    package func next(milliseconds: Int) throws(ZMQError) -> Result<StdDAQMetadata, StdDAQError>? {
        if try !socket.receive(message, wait: false) {
            guard milliseconds > 0, try socket.waitForMessage(milliseconds: milliseconds),
                try socket.receive(message, wait: false)
            else { return nil }
        }
        let hasMore = message.hasMore
        let bytes = message.withBytes { span in span.withUnsafeBytes { Array($0) } }
        try socket.skipRest(message)
        guard !hasMore else { return .failure(.malformed("it has several parts")) }
        return Result { () throws(StdDAQError) in try StdDAQMetadata(protobuf: bytes) }
    }
}
