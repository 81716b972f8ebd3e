/// The datagrams in a buffer that the kernel has filled: one, or several of the same length, of which the last may be shorter.
///
/// The length comes from outside and may be anything; every datagram lies inside the buffer, and all of them together are it.
struct JoinedDatagrams: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private let length: Int
    private var offset = 0
    private var isOver = false

    /// The datagrams in `bytes`.
    ///
    /// - Parameter length: of each but the last; 0 for a single one.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, length: Int) {
        self.bytes = bytes
        self.length = length > 0 ? length : bytes.count
    }

    /// The next datagram; an empty buffer is one empty datagram.
    @inline(__always)
    mutating func next() -> UnsafeRawBufferPointer? {
        if isOver { return nil }
        let end = length < bytes.count - offset ? offset + length : bytes.count
        let datagram = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
        offset = end
        isOver = end == bytes.count
        return datagram
    }
}
