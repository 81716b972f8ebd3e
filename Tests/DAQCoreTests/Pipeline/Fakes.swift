import DAQBuffer
import Synchronization

@testable import DAQCore

/// Why a fake part fails.
struct FakeFailure: Error, Equatable, CustomStringConvertible {
    var description: String
}

/// A source that publishes numbered images from a ring, as fast as it can, until it has given them all or is stopped.
final class FakeSource: ImageSource {
    let ring: ImageRing
    private let count: Int
    private let prepareFailure: FakeFailure?
    private let runFailure: FakeFailure?
    private let state = Mutex(ReceiveLedger())
    private let stopping = Atomic(false)
    let runs = Atomic(0)

    init(count: Int, slots: Int = 8, prepareFailure: FakeFailure? = nil, runFailure: FakeFailure? = nil) throws {
        self.count = count
        self.prepareFailure = prepareFailure
        self.runFailure = runFailure
        ring = try ImageRing(format: ImageFormat(width: 8, height: 2, pixelType: .uint16), slots: slots)
    }

    /// What a pipeline tells its sinks.
    var description: RunDescription { RunDescription(configuration: .smallJungfrau(), format: ring.format) }

    func prepare() throws { if let prepareFailure { throw prepareFailure } }

    func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        runs.add(1, ordering: .relaxed)
        var id: UInt64 = 0
        while id < count, !stopping.load(ordering: .relaxed) {
            id += 1
            state.withLock { $0.images.expected += 1 }
            guard let slot = ring.claim(for: 0) else {
                state.withLock { $0.images.dropped[.noFreeSlot, default: 0] += 1 }
                continue
            }
            state.withLock { $0.images.complete += 1 }
            deliver(ring.publish(slot, ImageMetadata(id: id)))
        }
        if let runFailure { throw runFailure }
    }

    func stop() { stopping.store(true, ordering: .relaxed) }

    var ledger: ReceiveLedger { state.withLock { $0 } }
}

/// A sink that notes what happens to it, and fails or waits where it is told to.
final class FakeSink: ImageSink {
    struct Notes {
        var calls: [String] = []
        var ids: [UInt64] = []
    }

    let name: String
    let demand: SinkDemand
    private let failsIn: String?
    /// Called when it is opened.
    private let onOpen: @Sendable () -> Void
    /// Called for every image, before it is noted.
    private let onAccept: @Sendable (Image) throws -> Void
    private let state = Mutex(Notes())

    init(
        _ name: String = "sink", demand: SinkDemand = .every, failsIn: String? = nil,
        onAccept: @escaping @Sendable (Image) throws -> Void = { _ in }, onOpen: @escaping @Sendable () -> Void = {}
    ) {
        self.demand = demand
        self.name = name
        self.failsIn = failsIn
        self.onOpen = onOpen
        self.onAccept = onAccept
    }

    var notes: Notes { state.withLock { $0 } }

    private func note(_ call: String) throws {
        state.withLock { $0.calls.append(call) }
        if call == failsIn { throw FakeFailure(description: "\(name) fails in \(call)") }
    }

    func open(_ run: RunDescription) throws {
        try note("open")
        onOpen()
    }

    func accept(_ image: Image) throws {
        try onAccept(image)
        if failsIn == "accept", image.metadata.id == 3 { throw FakeFailure(description: "no room for image 3") }
        state.withLock { $0.ids.append(image.metadata.id) }
    }

    func close() throws { try note("close") }
}

/// A stage made of a closure.
final class FakeStage: ImageStage {
    let name: String
    private let body: @Sendable (Image) throws -> StageOutcome

    init(_ name: String, _ body: @escaping @Sendable (Image) throws -> StageOutcome) {
        self.name = name
        self.body = body
    }

    func process(_ image: Image) throws -> StageOutcome { try body(image) }
}
