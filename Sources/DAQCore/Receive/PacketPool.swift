import CDAQLinux

/// The buffers of one receiving thread and the call that fills them.
///
/// Header and payload of a datagram lie together in a buffer of fixed stride. A datagram longer than any that the format
/// accepts fills its buffer beyond that length, which is how it is recognised.
final class PacketPool {
    /// Datagrams a call takes at most.
    let capacity: Int
    private let stride: Int
    private let storage: UnsafeMutableRawBufferPointer
    private let batch: OpaquePointer

    /// Buffers for `capacity` datagrams of up to `maximumDatagramBytes`.
    init(capacity: Int, maximumDatagramBytes: Int) {
        self.capacity = capacity
        stride = (maximumDatagramBytes + 1 + 63) / 64 * 64
        storage = .allocate(byteCount: capacity * stride, alignment: 4096)
        // Memory is touched before the first packet comes.
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = storage.baseAddress, let batch = cdaq_batch_create(base, UInt32(stride), UInt32(capacity)) else {
            preconditionFailure("out of memory for \(capacity) receive buffers")
        }
        self.batch = batch
    }

    deinit {
        cdaq_batch_destroy(batch)
        storage.deallocate()
    }

    /// Takes what a socket has, at most ``capacity`` datagrams, without waiting.
    func fill(from socket: borrowing UDPSocket) throws(ReceiveError) -> Int {
        let count = cdaq_batch_receive(batch, socket.descriptor, UInt32(capacity))
        guard count >= 0 else { throw .receive(port: socket.port, errno: -count) }
        return Int(count)
    }

    /// A datagram of the last call.
    subscript(index: Int) -> UnsafeRawBufferPointer {
        precondition(index < capacity)
        let length = min(Int(cdaq_batch_length(batch, UInt32(index))), stride)
        return UnsafeRawBufferPointer(rebasing: storage[index * stride..<index * stride + length])
    }
}
