import CDAQLinux

/// Memory that other processes may read or change at any time: every access is bounds-checked, aligned and atomic.
///
/// Only copies of bytes are not; whoever makes one verifies it afterwards (see ``RingDescriptor``).
struct SharedWords: Sendable {
    /// Keeps the memory.
    let mapping: Mapping
    /// All of it.
    var bytes: UnsafeMutableRawBufferPointer { mapping.bytes }

    /// The place of a word.
    @inline(__always)
    private func place(_ offset: Int, _ size: Int) -> UnsafeMutableRawPointer {
        guard let base = bytes.baseAddress, offset >= 0, offset <= bytes.count &- size, offset & (size &- 1) == 0 else {
            preconditionFailure("a word at \(offset) does not lie in \(bytes.count) bytes")
        }
        return base + offset
    }

    // MARK: 64 bits

    /// A load that sees what was written before the matching store.
    func load64(_ offset: Int) -> UInt64 { cdaq_load_u64(place(offset, 8)) }
    /// A load in the one order of all processes.
    func loadOrdered64(_ offset: Int) -> UInt64 { cdaq_load_ordered_u64(place(offset, 8)) }
    /// A store that comes after everything written before it.
    func store64(_ offset: Int, _ value: UInt64) { cdaq_store_u64(place(offset, 8), value) }
    /// Replaces a word, in the one order of all processes.
    @discardableResult func exchange64(_ offset: Int, _ value: UInt64) -> UInt64 { cdaq_exchange_u64(place(offset, 8), value) }
    /// Sets bits, in the one order of all processes.
    @discardableResult func or64(_ offset: Int, _ bits: UInt64) -> UInt64 { cdaq_or_u64(place(offset, 8), bits) }
    /// Keeps bits, in the one order of all processes.
    @discardableResult func and64(_ offset: Int, _ bits: UInt64) -> UInt64 { cdaq_and_u64(place(offset, 8), bits) }

    // MARK: 32 bits

    /// See ``load64(_:)``.
    func load32(_ offset: Int) -> UInt32 { cdaq_load_u32(place(offset, 4)) }
    /// See ``store64(_:_:)``.
    func store32(_ offset: Int, _ value: UInt32) { cdaq_store_u32(place(offset, 4), value) }
    /// See ``exchange64(_:_:)``.
    @discardableResult func exchange32(_ offset: Int, _ value: UInt32) -> UInt32 { cdaq_exchange_u32(place(offset, 4), value) }

    /// Sleeps while a word has a value, at most so long.
    func wait32(_ offset: Int, while value: UInt32, microseconds: UInt32) {
        _ = cdaq_futex_wait(place(offset, 4), value, microseconds)
    }
    /// Wakes those who sleep on a word.
    func wake32(_ offset: Int, count: Int32) { _ = cdaq_futex_wake(place(offset, 4), count) }

    // MARK: Bytes

    /// A part of the memory.
    func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) does not lie in \(bytes.count) bytes")
        return UnsafeMutableRawBufferPointer(rebasing: bytes[range])
    }
}
