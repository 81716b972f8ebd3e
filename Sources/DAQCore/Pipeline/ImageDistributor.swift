import Synchronization

/// The way of a published image: through the stages, then to every sink, until as many have come as are wanted.
///
/// It has no thread; a pipeline calls it on the one of its source.
final class ImageDistributor: Sendable {
    private struct State {
        var chain = ChainLedger()
        var published = 0
        /// Images the run shall have.
        var limit: Int?
    }

    /// What an image is to the run.
    enum Admission: Equatable {
        case wanted
        /// The run has all its images with this one.
        case last
        /// It was on its way when the last wanted one came.
        case unwanted
    }

    private let chain: StageChain
    private let state = Mutex(State())

    init(_ stages: [any ImageStage]) { chain = StageChain(revision: 1, stages: stages) }

    /// Images that are wanted in all; `nil` wants every one.
    func limit(to images: Int?) { state.withLock { $0.limit = images } }

    /// Counts a published image.
    func admit() -> Admission {
        state.withLock { state in
            state.published += 1
            guard let limit = state.limit, state.published >= limit else { return .wanted }
            return state.published == limit ? .last : .unwanted
        }
    }

    /// Shows a wanted image to the stages and gives it to the sinks that there are then.
    func distribute(_ image: Image, to sinks: () -> [SinkRunner]) {
        var ledger = ChainLedger()
        let processed = chain.process(image, &ledger)
        state.withLock { $0.chain += ledger }
        guard let processed else { return }
        processed.lease.publish(processed.metadata)
        for sink in sinks() { sink.offer(processed) }
    }

    /// What happened to images in the stages.
    var chainLedger: ChainLedger { state.withLock { $0.chain } }
}

extension ChainLedger {
    /// Adds the counts of other images.
    static func += (left: inout ChainLedger, right: ChainLedger) {
        left.entered += right.entered
        left.kept += right.kept
        add(right.dropped, to: &left.dropped)
        add(right.failed, to: &left.failed)
    }

    private static func add(_ counts: [StageReason: UInt64], to table: inout [StageReason: UInt64]) {
        for (reason, count) in counts {
            let hasEntry = table[reason] != nil || table.count < mostReasons
            table[hasEntry ? reason : StageReason(stage: reason.stage, reason: "other"), default: 0] += count
        }
    }
}
