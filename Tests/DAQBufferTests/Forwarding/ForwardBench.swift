import DAQBuffer
import DAQCore
import Glibc
import Synchronization

/// Images with known pixels, and a far end that compares them.
enum ForwardBench {
    static func run(_ format: ImageFormat) -> RunDescription {
        let configuration = DetectorConfiguration(
            name: "bench", type: .eiger, moduleCount: 1, bitDepth: 16, imageWidth: format.width, imageHeight: format.height,
            startUDPPort: 50000, modulePositions: [:])
        return RunDescription(configuration: configuration, format: format)
    }

    /// Writes bytes that follow from the id, with no period that parts could have.
    static func fill(_ bytes: UnsafeMutableRawBufferPointer, id: UInt64) {
        guard let base = bytes.baseAddress else { return }
        let period = min(251, bytes.count)
        for index in 0..<period { bytes[index] = UInt8(truncatingIfNeeded: UInt64(index) &* 7 &+ id &* 31 &+ id >> 8) }
        var filled = period
        while filled < bytes.count {
            let count = min(filled, bytes.count - filled)
            memcpy(base + filled, base, count)
            filled += count
        }
    }

    static func isRight(_ image: Image) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: image.format.bytes, alignment: 16) { expected in
            fill(expected, id: image.metadata.id)
            return image.withBytes { bytes in
                bytes.withUnsafeBytes { found in
                    guard let found = found.baseAddress, let wanted = expected.baseAddress else { return false }
                    return memcmp(found, wanted, expected.count) == 0
                }
            }
        }
    }

    /// Waits until something is true, for half a minute at most.
    static func wait(until isTrue: () -> Bool) -> Bool {
        for _ in 0..<3000 {
            if isTrue() { return true }
            usleep(10_000)
        }
        return isTrue()
    }

    static func connect(_ address: String, _ change: (inout ForwardOptions) -> Void = { _ in }) -> ForwardOptions {
        var options = ForwardOptions(.connect, address)
        options.patience = 30
        change(&options)
        return options
    }

    static func listen(_ change: (inout ForwardOptions) -> Void = { _ in }) -> ForwardOptions {
        var options = ForwardOptions(.listen, "tcp://127.0.0.1:*")
        change(&options)
        return options
    }
}

/// Publishes images with known pixels into a sink, as a pipeline does.
final class ImageFeeder {
    let ring: ImageRing
    private let sink: any ImageSink

    init(_ format: ImageFormat, slots: Int = 8, to sink: any ImageSink) throws {
        ring = try ImageRing(format: format, slots: slots)
        self.sink = sink
        try sink.open(ForwardBench.run(format))
    }

    func feed(_ ids: some Sequence<UInt64>, _ change: (inout ImageMetadata) -> Void = { _ in }) throws {
        for id in ids { try feed(id, change) }
    }

    func feed(_ id: UInt64, _ change: (inout ImageMetadata) -> Void = { _ in }) throws {
        var slot = ring.claim(for: 0)
        while slot == nil {
            usleep(500)
            slot = ring.claim(for: 0)
        }
        guard let slot else { return }
        ForwardBench.fill(ring.bytes(of: slot), id: id)
        var metadata = ImageMetadata(id: id)
        change(&metadata)
        try sink.accept(ring.publish(slot, metadata))
    }
}

/// The far end: a pipeline that compares what comes.
final class FarEnd: Sendable {
    struct Seen {
        var metadata: [ImageMetadata] = []
        var wrong: [UInt64] = []
        var held: [Image] = []
        var events: [ForwardEvent] = []
    }

    private final class Sink: ImageSink {
        let name = "collector"
        let seen = Mutex(Seen())
        let holds: Bool
        init(holds: Bool) { self.holds = holds }
        func open(_ run: RunDescription) {}
        func accept(_ image: Image) {
            let isRight = ForwardBench.isRight(image)
            seen.withLock { seen in
                seen.metadata.append(image.metadata)
                if !isRight { seen.wrong.append(image.metadata.id) }
                if holds { seen.held.append(image) }
            }
        }
        func close() {}
    }

    let ring: ImageRing
    let source: ForwardedSource
    private let sink: Sink
    private let pipeline: Pipeline

    init(_ format: ImageFormat, slots: Int = 8, _ options: ForwardOptions, once: Bool = false, holds: Bool = false) throws {
        ring = try ImageRing(format: format, slots: slots)
        let sink = Sink(holds: holds)
        self.sink = sink
        source = try ForwardedSource(into: ring, options, endsWithSender: once) { event in
            sink.seen.withLock { $0.events.append(event) }
        }
        pipeline = Pipeline(from: source, describing: ForwardBench.run(format), queueLimit: slots) { sink }
        try pipeline.start()
    }

    deinit { pipeline.stop() }

    /// Where it listens.
    var address: String { source.statistics.address }
    var seen: Seen { sink.seen.withLock { $0 } }
    var ids: [UInt64] { seen.metadata.map(\.id) }
    var images: ImageLedger { source.ledger.images }

    func release() { sink.seen.withLock { $0.held = [] } }

    /// Waits for the end, which must come by itself.
    func finish() throws -> Bool { try pipeline.wait(milliseconds: 30_000) }

    func stop() throws {
        pipeline.stop()
        _ = try pipeline.wait(milliseconds: 30_000)
    }
}
