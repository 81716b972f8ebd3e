import CDAQBench
import DAQCore

/// Sends frames to one port at an even pace; the kernel cuts messages into datagrams, which is what lets one processor send faster
/// than another can receive.
final class PacedSender {
    /// Frames that lie in memory; small enough for the cache.
    private static let slots = 16

    /// Bytes of a frame as it is sent.
    let frameBytes: Int
    private let frames: bench_frames
    private let storage: UnsafeMutableRawBufferPointer
    private let socket: Int32
    private var next: UInt64 = 1

    init(_ configuration: DetectorConfiguration, port: Int) {
        let format = configuration.packetFormat(of: configuration.streams[0])
        let length = format.maximumDatagramBytes
        frameBytes = format.packets.count * length
        frames = bench_frames(slots: UInt32(Self.slots), packets: UInt32(format.packets.count), length: UInt32(length))
        storage = .allocate(byteCount: Self.slots * frameBytes, alignment: 4096)
        for index in 0..<Self.slots * format.packets.count {
            let packet = UnsafeMutableRawBufferPointer(rebasing: storage[index * length..<(index + 1) * length])
            PacketTrain.fill(packet, format)
            packet.storeBytes(of: UInt32(index % format.packets.count), toByteOffset: 12, as: UInt32.self)
        }
        socket = bench_connect(Int32(port))
    }

    deinit {
        bench_close(socket)
        storage.deallocate()
    }

    /// Sends the next frames.
    ///
    /// - Parameter rate: bytes a nanosecond; 0 for full speed.
    func send(_ count: UInt64, rate: Double) throws -> bench_sent {
        var sent = bench_sent()
        guard let base = storage.baseAddress else { throw BenchmarkFailure("nothing to send") }
        let status = bench_send_frames(socket, base, frames, next, count, rate, &sent)
        guard status == 0 else { throw BenchmarkFailure("the sender could not send (errno \(-status))") }
        next += count
        return sent
    }
}
