/// Takes the frames of one message from a socket: a header, and pixels if there are some.
final class LinkFrames {
    /// The pixels of the last message that had some.
    let pixels = ZMQMessage()
    private let header = ZMQMessage()
    /// Headers are short; the longest is that of an image with many annotations.
    static let headerLimit = 1 << 20

    /// The next frame by itself, as it begins a message; `nil` when nothing has come.
    func first(from socket: borrowing ZMQSocket) throws(ZMQError) -> [UInt8]? {
        guard try socket.receive(header, wait: false) else { return nil }
        return header.count <= Self.headerLimit ? header.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } } : []
    }

    /// The frame after a header.
    ///
    /// - Returns: whether there is one; `nil` when there are more than may be.
    func rest(from socket: borrowing ZMQSocket) throws(ZMQError) -> Bool? {
        guard try socket.hasMore else { return false }
        _ = try socket.receive(pixels)
        guard pixels.hasMore else { return true }
        try socket.skipRest(header)
        return nil
    }
}
