import Glibc

/// Pages of memory, mapped for as long as the value lives.
// Sendable: the mapping never changes; who may touch which part is the business of those who use it.
final class Mapping: @unchecked Sendable {
    /// Pages begin at multiples of this.
    static let page = 4096
    /// The pages.
    let bytes: UnsafeMutableRawBufferPointer

    /// Maps part of a file, or memory that has no name.
    init(bytes count: Int, protection: Int32, flags: Int32, descriptor: Int32 = -1) throws(RingError) {
        guard count > 0, let address = mmap(nil, count, protection, flags, descriptor, 0), address != MAP_FAILED else {
            throw .memory(bytes: count, errno: count > 0 ? errno : EINVAL)
        }
        // Shared memory takes huge pages only where its mount or the system allows it; `daqctl doctor` tells.
        madvise(address, count, MADV_HUGEPAGE)
        bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
    }

    /// Memory of this process alone, all zero, with every page touched.
    static func anonymous(_ count: Int) throws(RingError) -> Mapping {
        let mapping = try Mapping(bytes: count, protection: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_ANONYMOUS)
        // Later first touches would cost up to 12 µs a page in the middle of the data.
        for offset in stride(from: 0, to: count, by: page) {
            mapping.bytes.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        return mapping
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }
}
