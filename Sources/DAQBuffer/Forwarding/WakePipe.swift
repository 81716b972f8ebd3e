import Glibc

/// Wakes a thread that waits for sockets.
// Sendable: the descriptors never change, and the system lets any thread use them.
final class WakePipe: Sendable {
    /// Can be read from once ``wake()`` was called.
    let descriptor: Int32
    private let input: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ZMQError("open", "a pipe", code: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, input) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(input)
    }

    /// Ends the wait, or the next one.
    func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(input, &byte, 1)
    }

    /// Forgets that it was called.
    func reset() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}
