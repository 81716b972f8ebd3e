import CDAQBench
import DAQBuffer
import DAQCore
import Glibc

/// What a pipeline that corrects and writes consists of, each part alone on this thread.
struct PipelineParts {
    private let bare: BareLoop
    private let sender: FrameSender
    private let assembler: ImageAssembler
    private let ring: ImageRing
    private let format: StandardPacketFormat
    private let batch: Int

    /// - Parameter port: for a socket of its own.
    init(_ configuration: DetectorConfiguration, _ calibration: Calibration, port: Int) throws {
        bare = try BareLoop(configuration, ports: [port])
        sender = FrameSender(configuration, port: port)
        assembler = try ImageAssembler(configuration, calibration: calibration)
        ring = try ImageRing(for: configuration)
        format = configuration.packetFormat(of: configuration.streams[0])
        batch = configuration.receive.batch
    }

    /// Nanoseconds of processor time in which the bare loop takes the packets of frames that wait at its socket, `group` at a time.
    func receive(frames: Int, group: Int) throws -> UInt64 {
        var time: UInt64 = 0
        for _ in 0..<frames / group {
            try sender.send(group)
            let begin = bench_thread_time()
            var received = 0
            while received < group * format.packets.count { received += bare.receive() }
            time += bench_thread_time() - begin
        }
        return time
    }

    /// Nanoseconds of processor time in which packets that were received are corrected, into one slot of the ring after the other.
    func correct(frames: Int) -> UInt64 {
        let begin = bench_thread_time()
        for frame in 0..<frames {
            let memory = ring.bytes(of: frame % ring.slotCount)
            for packet in 0..<format.packets.count {
                assembler.place(
                    stream: 0, packet: format.packets.lowerBound + packet,
                    payload: bare.payload(packet % batch, bytes: format.payloadBytes), into: memory)
            }
        }
        return bench_thread_time() - begin
    }

    /// Nanoseconds of processor time in which `write` puts the slots of the ring into a new file, one after the other.
    func write(frames: Int, to path: String) throws -> UInt64 {
        let slot = ring.bytes(of: 0)
        guard let base = slot.baseAddress, ring.bytes(of: 1).baseAddress == base + slot.count else {
            throw BenchmarkFailure("the slots of the ring have gaps between them")
        }
        defer { unlink(path) }
        let begin = bench_thread_time()
        // One image more is written before its clock starts.
        guard bench_write_file(path, base, slot.count, Int32(ring.slotCount), Int32(frames - 1), 0) > 0 else {
            throw BenchmarkFailure("cannot write \(path) with plain writes")
        }
        return bench_thread_time() - begin
    }
}
