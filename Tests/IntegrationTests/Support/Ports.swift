import Glibc
import Synchronization

/// UDP ports for tests, each given out once.
enum Ports {
    // Below the kernel's own choices for sending sockets (32768 and up), and elsewhere for every process of tests.
    private static let next = Mutex(20_000 + Int(getpid()) % 40 * 256)

    /// The first of `count` consecutive ports that nobody has open now.
    static func take(_ count: Int) throws -> Int {
        try next.withLock { next in
            while next + count < 32_000 {
                let first = next
                if let taken = (first..<first + count).last(where: { !isFree($0) }) {
                    next = taken + 1
                } else {
                    next = first + count
                    return first
                }
            }
            throw Failure("no \(count) UDP ports are free below 32000")
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let socket = try? DatagramSocket(boundTo: port) else { return false }
        return socket.descriptor >= 0
    }
}
