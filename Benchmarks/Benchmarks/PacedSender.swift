import CDAQBench
import DAQCore
import Glibc

/// Sends frames to one port at an even pace, in messages that the kernel cuts into datagrams, and without copying them: one
/// processor sends faster so than another can receive.
final class PacedSender {
    /// Frames that lie in memory: more than a receive buffer holds, since those that wait there must not be written anew.
    private static let slots = 144

    /// Bytes of a frame as it is sent.
    let frameBytes: Int
    private let frames: bench_frames
    private let storage: UnsafeMutableRawBufferPointer
    private let socket: Int32
    private let file: Int32
    private var next: UInt64 = 1

    init(_ configuration: DetectorConfiguration, port: Int) throws {
        let format = configuration.packetFormat(of: configuration.streams[0])
        let length = format.maximumDatagramBytes
        frameBytes = format.packets.count * length
        frames = bench_frames(slots: UInt32(Self.slots), packets: UInt32(format.packets.count), length: UInt32(length))
        var memory: UnsafeMutableRawPointer?
        file = bench_file_in_memory(UInt64(Self.slots * frameBytes), &memory)
        guard file >= 0 else { throw BenchmarkFailure("no memory for frames to send (errno \(-file))") }
        storage = UnsafeMutableRawBufferPointer(start: memory, count: Self.slots * frameBytes)
        for index in 0..<Self.slots * format.packets.count {
            let packet = UnsafeMutableRawBufferPointer(rebasing: storage[index * length..<(index + 1) * length])
            PacketTrain.fill(packet, format)
            packet.storeBytes(of: UInt32(index % format.packets.count), toByteOffset: 12, as: UInt32.self)
        }
        socket = bench_connect(Int32(port))
    }

    deinit {
        bench_close(socket)
        bench_close(file)
        munmap(storage.baseAddress, storage.count)
    }

    /// Sends the next frames.
    ///
    /// - Parameter rate: bytes a nanosecond; 0 for full speed.
    func send(_ count: UInt64, rate: Double) throws -> bench_sent {
        var sent = bench_sent()
        guard let base = storage.baseAddress else { throw BenchmarkFailure("nothing to send") }
        let status = bench_send_frames(socket, file, base, frames, next, count, rate, &sent)
        guard status == 0 else { throw BenchmarkFailure("the sender could not send (errno \(-status))") }
        next += count
        return sent
    }
}
