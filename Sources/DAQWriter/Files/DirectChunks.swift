import CDAQHDF5
import CDAQLinux
import Glibc

/// Writes images past the page cache, into chunks for which the file has space already.
///
/// Writing through the page cache costs a processor and stalls when the cache is written back; see docs/performance.md.
final class DirectChunks {
    /// What the kernel asks of addresses, in memory and in the file.
    static let unit = 4096
    /// Space is taken for about so many bytes of images at once.
    static let blockBytes = 64 << 20

    private let direct: Int32
    private let buffered: Int32
    private let path: String
    private var addresses: [UInt64] = []
    /// Images before the first of ``addresses``.
    private var base = 0

    /// The way to a file.
    ///
    /// - Parameter buffered: the library's descriptor, for what does not fill a page.
    /// - Returns: `nil` where the file system cannot do it.
    init?(_ path: String, buffered: Int32) {
        // The file that is open, whatever its name means by now.
        direct = cdaq_file_open_direct("/proc/self/fd/\(buffered)")
        self.buffered = buffered
        self.path = path
        guard direct >= 0 else { return nil }
    }

    deinit { if direct >= 0 { close(direct) } }

    /// Writes the chunk of a row.
    ///
    /// - Precondition: rows come one after another.
    func write(_ chunk: UnsafeRawBufferPointer, at row: Int, to images: borrowing HDF5Dataset, _ shape: [Int]) throws(HDF5Error) {
        if row == base + addresses.count { try provide(from: row, bytes: chunk.count, in: images, shape) }
        let address = Int(addresses[row - base])
        let isAligned = Int(bitPattern: chunk.baseAddress) % Self.unit == 0 && address % Self.unit == 0
        let whole = isAligned ? chunk.count / Self.unit * Self.unit : 0
        try write(UnsafeRawBufferPointer(rebasing: chunk[..<whole]), at: address, to: direct)
        try write(UnsafeRawBufferPointer(rebasing: chunk[whole...]), at: address + whole, to: buffered)
    }

    private func provide(from row: Int, bytes: Int, in images: borrowing HDF5Dataset, _ shape: [Int]) throws(HDF5Error) {
        let count = max(1, Self.blockBytes / bytes)
        try images.resize(to: row + count, row: shape)
        do throws(HDF5Error) {
            var found: [UInt64] = []
            for row in row..<row + count { found.append(try images.storedChunk(of: row, rank: shape.count + 1).address) }
            addresses = found
            base = row
        } catch {
            try? images.resize(to: row, row: shape)
            throw error
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, to descriptor: Int32) throws(HDF5Error) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                throw HDF5Error(
                    number == ENOSPC || number == EDQUOT ? .diskFull : .library, operation: "write an image to", path: path,
                    detail: String(cString: strerror(number)))
            }
            written += count
        }
    }
}
