/// Copies of the few datagrams that wait for the decision whether a counter has jumped: at most a frame's worth a port.
final class HeldPackets {
    private let storage: UnsafeMutableRawBufferPointer
    private let stride: Int
    private let capacity: Int
    private var lengths: [Int] = []

    /// Room for `capacity` datagrams of up to `stride` bytes, all touched.
    init(capacity: Int, stride: Int) {
        self.capacity = capacity
        self.stride = stride
        storage = .allocate(byteCount: max(1, capacity * stride), alignment: 64)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        lengths.reserveCapacity(capacity)
    }

    deinit { storage.deallocate() }

    var count: Int { lengths.count }

    /// Keeps a copy.
    ///
    /// - Precondition: there is room; the datagram is not longer than the stride.
    func append(_ datagram: UnsafeRawBufferPointer) {
        precondition(lengths.count < capacity && datagram.count <= stride)
        let start = lengths.count * stride
        UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + datagram.count]).copyMemory(from: datagram)
        lengths.append(datagram.count)
    }

    /// The datagram with an index below ``count``, valid until the next change.
    subscript(index: Int) -> UnsafeRawBufferPointer {
        let start = index * stride
        return UnsafeRawBufferPointer(rebasing: storage[start..<start + lengths[index]])
    }

    func removeAll() { lengths.removeAll(keepingCapacity: true) }
}
