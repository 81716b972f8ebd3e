import CDAQBench
import DAQBuffer
import DAQCore
import Synchronization

/// What the receiving thread executes for a packet, for a visit to a socket and for an image, counted instruction by
/// instruction: allocations, reference counts, locks and calls of the kernel.
struct CountBenchmark {
    let name: String
    let isCorrected: Bool
    let port: Int

    /// A kind of event, and where it is in the counts.
    private static var kinds: [(name: String, words: String, isAllowed: Bool, value: WritableKeyPath<bench_counts, UInt64>)] {
        [
            ("allocations", "allocations (malloc and its kind)", false, \.allocations),
            ("objects", "objects made (swift_allocObject)", false, \.objects),
            ("references", "references counted (swift_retain, swift_release and their kind)", false, \.reference_counts),
            ("pthread-locks", "pthread locks", false, \.pthread_locks),
            ("atomics", "atomic instructions (a Swift Mutex takes two, a reference count one)", false, \.atomics),
            ("system-calls", "calls of the kernel", false, \.system_calls),
            ("futex-calls", "of them futex", false, \.futex_calls),
            ("instructions", "instructions", true, \.instructions),
        ]
    }

    func run() throws -> [any ResultLine] {
        try Self.proveThatCountingWorks()
        var configuration = Detectors.jungfrau(modules: 1, type: isCorrected ? .jungfrauConverted : .jungfrauRaw, port: port)
        configuration.ring.budgetBytes = 64 << 20
        let source = try DetectorSource(
            configuration, into: try ImageRing(for: configuration),
            correcting: isCorrected ? PlacingBenchmark.calibration(1024 * 512) : nil)
        try source.prepare()
        var session = source.session()
        let train = PacketTrain(configuration, ports: [port], most: 128)
        var complete = 0

        func visit(_ packets: Int) throws -> bench_counts {
            train.send(packets)
            return try Self.counts {
                guard try session.visitAll() == packets else { throw BenchmarkFailure("not all packets came in one visit") }
            }
        }
        // Two images to warm up: what is made once is not made for an image.
        for _ in 0..<4 {
            train.send(64)
            _ = try session.visitAll()
            source.deliverDue { complete += $0.metadata.missing.isEmpty ? 1 : 0 }
        }
        // Within one image, two visits that differ in nothing but the number of packets.
        _ = try visit(8)
        let few = try visit(16)
        let many = try visit(48)
        _ = try visit(56)
        source.deliverDue { complete += $0.metadata.missing.isEmpty ? 1 : 0 }
        // And a whole image, in two visits.
        var whole = try Self.sum(visit(64), visit(64))
        whole = try Self.sum(whole, Self.counts { source.deliverDue { complete += $0.metadata.missing.isEmpty ? 1 : 0 } })
        guard complete == 4 else { throw BenchmarkFailure("\(complete) of 4 images are complete: \(source.ledger.images)") }

        return Self.kinds.map { kind in
            let packet = (Double(many[keyPath: kind.value]) - Double(few[keyPath: kind.value])) / 32
            let visit = Double(few[keyPath: kind.value]) - 16 * packet
            return EventCount(
                name: "\(name)-\(kind.name)", words: "\(isCorrected ? "corrected" : "raw"): \(kind.words)", packet: packet,
                visit: visit, image: Double(whole[keyPath: kind.value]) - 128 * packet - 2 * visit,
                isReached: kind.isAllowed || packet == 0)
        }
    }

    private static func counts(_ body: () throws -> Void) throws -> bench_counts {
        let status = bench_count_begin()
        guard status == 0 else { throw BenchmarkFailure("this processor cannot count instructions (errno \(-status))") }
        defer { _ = bench_count_end() }
        try body()
        return bench_count_end()
    }

    private static func sum(_ a: bench_counts, _ b: bench_counts) -> bench_counts {
        var sum = a
        for kind in kinds { sum[keyPath: kind.value] += b[keyPath: kind.value] }
        return sum
    }

    /// A count of 0 means something only if the counter can count: here is one of everything.
    private static func proveThatCountingWorks() throws {
        final class Object { var value = 0 }
        let lock = Mutex(0)
        let seen = try counts {
            let objects = (0..<3).map { _ in Object() }
            lock.withLock { $0 += objects.count }
            bench_lock_and_ask()
        }
        guard seen.allocations >= 4, seen.objects >= 4, seen.reference_counts >= 4, seen.atomics >= 2, seen.pthread_locks >= 1,
            seen.system_calls >= 1, seen.instructions > 100
        else { throw BenchmarkFailure("the counter does not count: \(seen)") }
    }
}

/// How often something happens for a packet, for a visit to a socket, and for an image.
struct EventCount: ResultLine {
    let name: String
    let words: String
    let packet: Double
    let visit: Double
    let image: Double
    let isReached: Bool

    /// A whole number, or two digits after the point: one event in all packets still shows.
    private static func text(_ count: Double) -> String {
        count == count.rounded() ? "\(Int(count))" : "\((count * 100).rounded() / 100)"
    }

    var json: String {
        """
        {"table":"counts","name":"\(name)","statement":"\(words)","packet":\(Self.text(packet)),\
        "visit":\(Self.text(visit)),"image":\(Self.text(image)),\
        "reached":\(isReached)}
        """
    }
}
