import CDAQBench
import DAQBuffer
import DAQCore
import Dispatch
import Glibc
import Synchronization

/// Images from ring to ring over loopback TCP, against a bare ZeroMQ push of the same messages whose receiver copies each into
/// memory that was touched before.
struct ForwardBenchmark {
    let megabytes: Int
    let repetitions = 15
    /// Bytes a repetition.
    private let total = 1 << 29
    private let partBytes = 8 << 20

    func run() throws -> [any ResultLine] {
        // Both ends of both ways need both processors.
        _ = bench_unpin()
        let format = ImageFormat(width: 1024 * megabytes, height: 512, pixelType: .uint16)
        let images = total / format.bytes
        let slots = max(8, (512 << 20) / format.bytes)
        let forwarding = try Forwarding(format, slots: slots, partBytes: partBytes)
        let push = try BarePush(format, slots: slots, partBytes: partBytes)
        var pairs = Pairs()
        for repetition in 0..<repetitions + 2 {
            let mine = try forwarding.gigabytesPerSecond(images)
            let theirs = try push.gigabytesPerSecond(images)
            // The first ones warm up.
            if repetition >= 2 { pairs.append(ours: mine, roofline: theirs) }
        }
        try forwarding.finish()
        push.finish()
        return [
            pairs.measurement(
                "forward-\(megabytes)", "forwarding images of \(megabytes) MiB / bare ZeroMQ push of the same messages",
                unit: "GB/s", goal: .atLeast(0.8))
        ]
    }

    /// How fast `images` images of `bytes` bytes are there, from `start` on.
    private static func speed(_ images: Int, _ bytes: Int, since start: UInt64) -> Double {
        Double(images * bytes) / Double(bench_time() - start)
    }

    /// A forwarder and its far end.
    private final class Forwarding: Sendable {
        private let ring: ImageRing
        private let forwarder: Forwarder
        private let source: ForwardedSource
        private let arrived = DispatchSemaphore(value: 0)
        private let thread = Mutex<DataThread?>(nil)
        private let id = Atomic<UInt64>(0)

        init(_ format: ImageFormat, slots: Int, partBytes: Int) throws {
            ring = try ImageRing(format: format, slots: slots)
            let farRing = try ImageRing(format: format, slots: slots)
            source = try ForwardedSource(into: farRing, ForwardOptions(.listen, "tcp://127.0.0.1:*"), endsWithSender: true)
            try source.prepare()
            var options = ForwardOptions(.connect, source.statistics.address)
            options.partBytes = partBytes
            options.connections = 1
            options.patience = 60
            options.window = slots / 2
            forwarder = try Forwarder(options)
            let configuration = Detectors.jungfrau(modules: 1, port: 20000)
            try forwarder.open(RunDescription(configuration: configuration, format: format))
            let served = try DataThread(name: "bench-far") { [self] in
                try? source.run { [arrived] _ in arrived.signal() }
            }
            thread.withLock { $0 = served }
        }

        func gigabytesPerSecond(_ images: Int) throws -> Double {
            let start = bench_time()
            for _ in 0..<images {
                var slot = ring.claim(for: 0)
                while slot == nil {
                    usleep(50)
                    slot = ring.claim(for: 0)
                }
                guard let slot else { continue }
                let next = id.add(1, ordering: .relaxed).newValue
                try forwarder.accept(ring.publish(slot, ImageMetadata(id: next)))
            }
            for _ in 0..<images { arrived.wait() }
            return speed(images, ring.format.bytes, since: start)
        }

        func finish() throws {
            try forwarder.close()
            thread.withLock { $0 }?.join()
        }
    }

    /// A PUSH and a PULL socket with nothing around them.
    private final class BarePush {
        private let ring: ImageRing
        private let sender: ZMQSocket
        private let parts: [Range<Int>]
        private let receiver: Receiver

        init(_ format: ImageFormat, slots: Int, partBytes: Int) throws {
            ring = try ImageRing(format: format, slots: slots)
            parts = stride(from: 0, to: format.bytes, by: partBytes).map { $0..<min(format.bytes, $0 + partBytes) }
            receiver = try Receiver(ImageRing(format: format, slots: slots), parts)
            sender = try ZMQSocket(.push, in: ZMQContext())
            try sender.connect(receiver.address)
        }

        func gigabytesPerSecond(_ images: Int) throws -> Double {
            let header = [UInt8](repeating: 0, count: 200)
            let start = bench_time()
            for _ in 0..<images {
                var slot = ring.claim(for: 0)
                while slot == nil {
                    usleep(50)
                    slot = ring.claim(for: 0)
                }
                guard let slot else { continue }
                let image = ring.publish(slot, ImageMetadata(id: 1))
                for part in parts {
                    _ = try sender.send(header.span.bytes, more: true)
                    _ = try sender.send(pixelsOf: image, range: part)
                }
            }
            for _ in 0..<images { receiver.arrived.wait() }
            return speed(images, ring.format.bytes, since: start)
        }

        func finish() { receiver.finish() }
    }

    /// Copies what is pushed into the slots of a ring, one after the other.
    // Sendable: the socket is made by one thread and used by the other from then on.
    private final class Receiver: @unchecked Sendable {
        let arrived = DispatchSemaphore(value: 0)
        let address: String
        private let socket: ZMQSocket
        private let isStopping = Atomic(false)
        private var thread: DataThread?

        init(_ ring: ImageRing, _ parts: [Range<Int>]) throws {
            var options = ZMQSocketOptions()
            options.receiveTimeout = 100
            socket = try ZMQSocket(.pull, in: ZMQContext(), options: options)
            address = try socket.bind("tcp://127.0.0.1:*")
            thread = try DataThread(name: "bench-pull") { [self] in try? copy(into: ring, parts) }
        }

        private func copy(into ring: ImageRing, _ parts: [Range<Int>]) throws {
            let message = ZMQMessage()
            var slot = 0
            while !isStopping.load(ordering: .relaxed) {
                guard try socket.receive(message) else { continue }
                for part in parts {
                    if part.lowerBound > 0 { _ = try socket.receive(message) }
                    _ = try socket.receive(message)
                    let target = UnsafeMutableRawBufferPointer(rebasing: ring.bytes(of: slot)[part])
                    message.withBytes { bytes in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
                }
                slot = (slot + 1) % ring.slotCount
                arrived.signal()
            }
        }

        func finish() {
            isStopping.store(true, ordering: .relaxed)
            thread?.join()
        }
    }
}
