import CDAQHDF5
import CDAQLinux
import Glibc

/// Writes images past the page cache, into chunks for which the file has taken space.
///
/// Writing through the page cache costs a processor and stalls when the cache is written back; see docs/performance.md.
final class DirectChunks {
    /// What the kernel asks of addresses, in memory and in the file.
    static let unit = 4096
    private let file: hid_t
    private let direct: Int32
    private let buffered: Int32
    private let alignment: Int
    private let path: String

    /// The way to a file, which stays open as long as this is used.
    ///
    /// - Parameters:
    ///   - buffered: the library's descriptor, for what does not fill a page.
    ///   - alignment: what large chunks begin at multiples of.
    /// - Returns: `nil` where the file system cannot do it.
    init?(_ file: borrowing HDF5File, _ path: String, buffered: Int32, alignment: Int) {
        self.file = file.handle.id
        self.buffered = buffered
        self.alignment = alignment
        self.path = path
        // The file that is open, whatever its name means by now.
        direct = cdaq_file_open_direct("/proc/self/fd/\(buffered)")
        guard direct >= 0 else { return nil }
    }

    deinit { if direct >= 0 { close(direct) } }

    /// Writes the chunk of a row.
    ///
    /// - Precondition: rows come one after another.
    func write(_ chunk: UnsafeRawBufferPointer, at row: Int, to images: borrowing HDF5Dataset, _ shape: [Int]) throws(HDF5Error) {
        let before = try extent()
        try images.resize(to: row + 1, row: shape)
        do throws(HDF5Error) {
            guard let address = place(chunk.count, from: before, to: try extent()) else {
                // Now and then, when the library has placed something of its own beside it.
                return try images.writeChunk(chunk, at: row, rank: shape.count + 1)
            }
            let isAligned = Int(bitPattern: chunk.baseAddress) % Self.unit == 0 && address % Self.unit == 0
            let whole = isAligned ? chunk.count / Self.unit * Self.unit : 0
            try write(UnsafeRawBufferPointer(rebasing: chunk[..<whole]), at: address, to: direct)
            try write(UnsafeRawBufferPointer(rebasing: chunk[whole...]), at: address + whole, to: buffered)
        } catch {
            try? images.resize(to: row, row: shape)
            throw error
        }
    }

    /// The end of the file, and the bytes before it that nothing uses, in the library's view.
    private func extent() throws(HDF5Error) -> (end: Int, free: Int) {
        var size: hsize_t = 0
        try HDF5.check("ask for the size of", path, H5Fget_filesize(file, &size))
        return (Int(clamping: size), Int(clamping: try HDF5.check("ask for the size of", path, H5Fget_freespace(file))))
    }

    /// Where a chunk must be for which the file has just taken space; `nil` when that is not certain.
    ///
    /// The library (1.10.8) could be asked, but goes through all chunks for its answer: 15 ms for the 100,000th. A chunk that
    /// has made the file longer by just its own length, and was not taken from what was free before, is at the end.
    private func place(_ bytes: Int, from before: (end: Int, free: Int), to after: (end: Int, free: Int)) -> Int? {
        let unit = bytes >= Int(HDF5File.alignmentThreshold) ? alignment : 1
        let start = (before.end + unit - 1) / unit * unit
        return after.end == start + bytes && before.free - after.free < bytes ? start : nil
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, to descriptor: Int32) throws(HDF5Error) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw HDF5Error(system: errno, operation: "write an image to", path: path)
            }
            written += count
        }
    }
}
