import Glibc
import Synchronization

/// Memory for the pixels of messages on their way: a limited number of buffers of one size, made when first needed.
final class PixelBufferPool: Sendable {
    private struct State {
        /// Addresses of buffers that nobody uses.
        var free: [UInt] = []
        var made = 0
    }

    let bytes: Int
    let limit: Int
    private let state = Mutex(State())

    /// A pool of at most `limit` buffers of `bytes` bytes.
    init(bytes: Int, limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    deinit {
        // Buffers in use keep the pool.
        for address in state.withLock({ $0.free }) { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }

    /// A buffer that nobody uses; `nil` when all are in use.
    func take() -> PixelBuffer? {
        let (address, mayMake) = state.withLock { state in
            if let address = state.free.popLast() { return (UnsafeMutableRawPointer(bitPattern: address), false) }
            guard state.made < limit else { return (nil, false) }
            state.made += 1
            return (nil, true)
        }
        if let address { return PixelBuffer(address, of: self) }
        return mayMake ? PixelBuffer(.allocate(byteCount: max(bytes, 1), alignment: 64), of: self) : nil
    }

    fileprivate func giveBack(_ address: UnsafeMutableRawPointer) {
        state.withLock { $0.free.append(UInt(bitPattern: address)) }
    }
}

/// One buffer of a pool, which has it back when nobody holds this object any more.
// Sendable: one thread fills the memory before it shows the object to others; then all only read.
final class PixelBuffer: @unchecked Sendable {
    private let pool: PixelBufferPool
    private let address: UnsafeMutableRawPointer

    fileprivate init(_ address: UnsafeMutableRawPointer, of pool: PixelBufferPool) {
        self.address = address
        self.pool = pool
    }

    deinit { pool.giveBack(address) }

    var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: address, count: pool.bytes) }

    /// The bytes for pixels, behind the room for what may come before them.
    var pixels: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[StreamMessage.longestHead...])
    }

    /// Writes a head directly before the pixels; returns both.
    func prepend(_ head: ArraySlice<UInt8>) -> UnsafeRawBufferPointer {
        let start = StreamMessage.longestHead - head.count
        UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: head)
        return UnsafeRawBufferPointer(rebasing: bytes[start...])
    }
}
