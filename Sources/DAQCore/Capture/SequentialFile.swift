internal import Glibc

/// Reads a file from its beginning to its end through one buffer, which grows to the longest piece that was asked for.
///
/// Not a memory map: a file that shrinks while it is read then ends early instead of killing the process.
final class SequentialFile {
    let path: String
    /// Position in the file of the next byte that was not consumed.
    private(set) var offset: UInt64 = 0
    private let descriptor: Int32
    private var buffer: UnsafeMutableRawBufferPointer
    private var first = 0
    private var end = 0

    init(path: String, bufferBytes: Int = 256 << 10) throws(CaptureError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CaptureError(.system, path: path, "cannot be opened: \(String(cString: strerror(errno)))")
        }
        self.path = path
        buffer = .allocate(byteCount: max(bufferBytes, 16), alignment: 16)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// The next `count` bytes without consuming them; they stay where they are until the next call.
    ///
    /// - Returns: `nil` when fewer are left.
    func peek(_ count: Int) throws(CaptureError) -> UnsafeRawBufferPointer? {
        if end - first < count { try fill(to: count) }
        guard end - first >= count else { return nil }
        return UnsafeRawBufferPointer(rebasing: buffer[first..<first + count])
    }

    /// Steps over bytes that ``peek(_:)`` has shown.
    func consume(_ count: Int) {
        precondition(count <= end - first, "only bytes that were seen can be consumed")
        first += count
        offset += UInt64(count)
    }

    /// Bytes that are left in the buffer; after a peek that failed, all that the file still has.
    var buffered: Int { end - first }

    private func fill(to count: Int) throws(CaptureError) {
        if count > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, buffer.count * 2), alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[first..<end]))
            buffer.deallocate()
            buffer = larger
        } else if let base = buffer.baseAddress {
            memmove(base, base + first, end - first)
        }
        end -= first
        first = 0
        while end < count {
            let got = read(descriptor, buffer.baseAddress.map { $0 + end }, buffer.count - end)
            if got > 0 {
                end += got
            } else if got == 0 {
                return
            } else if errno != EINTR {
                throw CaptureError(.system, path: path, "cannot be read: \(String(cString: strerror(errno)))")
            }
        }
    }
}
