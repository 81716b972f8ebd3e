import CDAQBench
import DAQCore

/// The bare recvmmsg loop: sockets and buffers as the library has them, and nothing else.
final class BareLoop {
    let sockets: [Int32]
    let stride: Int
    /// The buffers that a call fills.
    let buffers: UnsafeRawBufferPointer
    private let pool: OpaquePointer

    /// Binds a socket for each of `ports`.
    init(_ configuration: DetectorConfiguration, ports: [Int]) throws {
        stride = (configuration.packetFormat(of: configuration.streams[0]).maximumDatagramBytes + 64) / 64 * 64
        let batch = configuration.receive.batch
        guard let pool = bench_pool_create(UInt32(stride), UInt32(batch)) else { throw BenchmarkFailure("out of memory") }
        self.pool = pool
        buffers = UnsafeRawBufferPointer(start: bench_pool_base(pool), count: stride * batch)
        sockets = ports.map { bench_bind(Int32($0), 64 << 20) }
        guard sockets.allSatisfy({ $0 >= 0 }) else {
            throw BenchmarkFailure("cannot bind the UDP ports from \(ports.first ?? 0) on; is another benchmark running?")
        }
    }

    deinit {
        for socket in sockets { bench_close(socket) }
        bench_pool_destroy(pool)
    }

    /// Calls the kernel once for a socket.
    ///
    /// - Returns: how many datagrams it took.
    @inline(__always)
    func receive(_ index: Int = 0) -> Int { Int(bench_receive(pool, sockets[index])) }

    /// The pixels in a buffer.
    @inline(__always)
    func payload(_ buffer: Int, bytes: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffers[buffer * stride + 48..<buffer * stride + 48 + bytes])
    }
}
