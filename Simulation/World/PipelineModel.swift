import DAQCore

/// What must become of images behind the receiver, worked out anew: stages, queues, sinks.
struct PipelineModel {
    private struct Sink {
        let plan: Scenario.SinkPlan
        var waiting: [(metadata: ImageMetadata, annotations: [Annotation])] = []
        var expected: SinkLedger
        var given = 0
    }

    private let stages: [SimulatedStage]
    private let limit: Int
    private var sinks: [Sink]
    private var wanted: Int?
    private var chain = ChainLedger()

    init(_ scenario: Scenario, stages: [SimulatedStage]) {
        self.stages = stages
        limit = scenario.queueLimit
        wanted = scenario.wantedImages
        sinks = scenario.sinks.enumerated().map { Sink(plan: $1, expected: SinkLedger(name: "sink-\($0)")) }
    }

    /// A published image.
    ///
    /// - Returns: whether the run wants more.
    mutating func deliver(_ metadata: ImageMetadata) -> Bool {
        if let left = wanted {
            guard left > 0 else { return false }
            wanted = left - 1
        }
        chain.entered += 1
        var annotations: [Annotation] = []
        var failure: StageReason?
        for stage in stages {
            switch stage.answer(metadata) {
            case .keep: break
            case .annotate: annotations.append(stage.annotation(metadata))
            case .fail: failure = failure ?? StageReason(stage: stage.name, reason: "does not like it")
            case .drop:
                chain.dropped[StageReason(stage: stage.name, reason: SimulatedStage.reason), default: 0] += 1
                return wanted != 0
            }
        }
        if let failure { chain.failed[failure, default: 0] += 1 } else { chain.kept += 1 }
        for index in sinks.indices {
            sinks[index].expected.offered += 1
            if sinks[index].waiting.count < limit {
                sinks[index].waiting.append((metadata, annotations))
                sinks[index].expected.highWater = max(sinks[index].expected.highWater, sinks[index].waiting.count)
            } else {
                sinks[index].expected.dropped[.queueFull, default: 0] += 1
            }
        }
        return wanted != 0
    }

    /// A sink is served; `nil` when nothing waits for it.
    ///
    /// - Returns: the metadata of the image it is given; it is given none after a failure.
    mutating func serve(_ sink: Int) -> (waiting: Bool, given: ImageMetadata?) {
        guard !sinks[sink].waiting.isEmpty else { return (false, nil) }
        let next = sinks[sink].waiting.removeFirst()
        let index = sinks[sink].given
        let failsAt = sinks[sink].plan.failsAt
        guard failsAt.map({ index <= $0 }) ?? true else {
            sinks[sink].expected.dropped[.failed, default: 0] += 1
            return (true, nil)
        }
        sinks[sink].given += 1
        if index == failsAt {
            sinks[sink].expected.dropped[.failed, default: 0] += 1
            sinks[sink].expected.failure = "no room"
        } else {
            sinks[sink].expected.stored += 1
        }
        var metadata = next.metadata
        metadata.annotations = next.annotations
        metadata.chainRevision = 1
        return (true, metadata)
    }

    /// The sinks are closed.
    mutating func close() {
        for index in sinks.indices where sinks[index].plan.failsInClose {
            sinks[index].expected.failure = sinks[index].expected.failure ?? "does not close"
        }
    }

    /// Compares the ledger with what must be in it.
    func check(_ ledger: (chain: ChainLedger, sinks: [SinkLedger])) throws(Violation) {
        try requireEqual(ledger.chain, chain, "ledger of the stages")
        for (found, sink) in zip(ledger.sinks, sinks) {
            var expected = sink.expected
            expected.waiting = UInt64(sink.waiting.count)
            try requireEqual(found, expected, "ledger of \(found.name)")
        }
    }
}
