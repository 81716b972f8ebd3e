import CDAQLinux

/// The buffers of one receiving thread and the call that fills them.
///
/// Header and payload of a datagram lie together. Usually a buffer has a fixed stride and takes one datagram; one that is
/// longer than any that the format accepts fills its buffer beyond that length, which is how it is recognised. From sockets
/// that join datagrams (UDP GRO) a buffer takes as many as the kernel joins.
final class PacketPool {
    /// What a buffer takes.
    enum Kind {
        /// One datagram of up to so many bytes, and so many buffers.
        case single(maximumDatagramBytes: Int, count: Int)
        /// What the kernel has joined.
        case joined
    }

    /// More than the kernel ever joins, which is what fits into one IP packet.
    static let joinedBytes = 1 << 16
    /// As many as stay in the cache until their datagrams are placed.
    static let joinedCount = 8

    /// Buffers a call fills at most.
    let capacity: Int
    private let stride: Int
    private let storage: UnsafeMutableRawBufferPointer
    private let batch: OpaquePointer

    /// Buffers, all touched.
    ///
    /// - Throws: ``ReceiveError/memory(bytes:)``.
    init(_ kind: Kind) throws(ReceiveError) {
        let isJoined: Bool
        switch kind {
        case .single(let bytes, let count): (stride, capacity, isJoined) = ((bytes + 1 + 63) / 64 * 64, count, false)
        case .joined: (stride, capacity, isJoined) = (Self.joinedBytes, Self.joinedCount, true)
        }
        storage = .allocate(byteCount: capacity * stride, alignment: 4096)
        // Memory is touched before the first packet comes.
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = storage.baseAddress,
            let batch = cdaq_batch_create(base, UInt32(stride), UInt32(capacity), isJoined ? 1 : 0)
        else {
            storage.deallocate()
            throw .memory(bytes: capacity * stride)
        }
        self.batch = batch
    }

    deinit {
        cdaq_batch_destroy(batch)
        storage.deallocate()
    }

    /// Takes what a socket has, at most ``capacity`` buffers, without waiting.
    ///
    /// - Returns: how many buffers were filled; fewer than ``capacity`` when the socket had no more.
    func fill(from socket: borrowing UDPSocket) throws(ReceiveError) -> Int {
        let count = cdaq_batch_receive(batch, socket.descriptor, UInt32(capacity))
        guard count >= 0 else { throw .receive(port: socket.port, errno: -count) }
        return Int(count)
    }

    /// The datagrams in a buffer of the last call.
    @inline(__always)
    subscript(index: Int) -> JoinedDatagrams {
        precondition(index < capacity)
        let length = min(Int(cdaq_batch_length(batch, UInt32(index))), stride)
        return JoinedDatagrams(
            UnsafeRawBufferPointer(rebasing: storage[index * stride..<index * stride + length]),
            length: Int(cdaq_batch_segment(batch, UInt32(index))))
    }
}
