import DAQCore

/// Hears what the std-daq services of this host say about images; used by one thread.
package struct StdDAQSubscriber: ~Copyable {
    private let socket: ZMQSocket
    private let message = ZMQMessage()
    /// Messages that could not be used.
    package private(set) var malformed: UInt64 = 0
    /// Why the last of them could not.
    package private(set) var lastProblem: StdDAQError?

    /// The address at which the services of a detector publish: `suffix` is `image`, or the name of a filter.
    package static func address(of detector: String, suffix: String = "image") -> String { "ipc:///tmp/\(detector)-\(suffix)" }

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

    /// The next image that can be used; `nil` when none came in time.
    ///
    /// - Parameter milliseconds: how long to wait.
    package mutating func next(milliseconds: Int) throws(ZMQError) -> StdDAQMetadata? {
        guard try socket.waitForMessage(milliseconds: milliseconds) else { return nil }
        // Nonsense must not keep the caller here for ever.
        for _ in 0..<1000 {
            guard try socket.receive(message, wait: false) else { return nil }
            let hasMore = message.hasMore
            let bytes = message.withBytes { span in span.withUnsafeBytes { Array($0) } }
            try socket.skipRest(message)
            do throws(StdDAQError) {
                guard !hasMore else { throw .malformed("it has several parts") }
                return try StdDAQMetadata(protobuf: bytes)
            } catch {
                malformed += 1
                lastProblem = error
            }
        }
        return nil
    }
}
