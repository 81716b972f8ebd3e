/// What happened to every packet and image of a run, from the socket to every sink.
public struct PipelineLedger: Sendable, Equatable {
    /// Packets and image ids.
    public var receive = ReceiveLedger()
    /// Images in the stages.
    public var chain = ChainLedger()
    /// Images at each sink, in the order of the sinks.
    public var sinks: [SinkLedger] = []

    /// An empty ledger.
    public init() {}

    /// What does not add up, in words; `nil` when everything does.
    ///
    /// Exact once the run is over: while it goes on, an image on its way is counted where it was last seen.
    public var imbalance: String? {
        receive.imbalance ?? chain.imbalance ?? sinks.lazy.compactMap(\.imbalance).first
    }
}

/// in = kept + dropped + failed.
public struct ChainLedger: Sendable, Equatable {
    /// So many reasons have entries of their own in ``dropped``, and as many in ``failed``.
    ///
    /// Further ones count as the reason "other" of their stage: an error that names its image must not fill the memory.
    public static let mostReasons = 100

    /// Images that came from the source.
    public var entered: UInt64 = 0
    /// Images offered to the sinks although every stage worked.
    public var kept: UInt64 = 0
    /// Images a stage dropped, by stage and reason.
    public var dropped: [StageReason: UInt64] = [:]
    /// Images of which a stage failed; they are offered to the sinks all the same.
    ///
    /// By stage and error.
    public var failed: [StageReason: UInt64] = [:]

    /// An empty ledger.
    public init() {}

    /// What does not add up; `nil` when the sum is right.
    public var imbalance: String? {
        let sum = kept + dropped.values.reduce(0, +) + failed.values.reduce(0, +)
        return sum == entered ? nil : "stages: \(entered) images entered, \(sum) accounted for"
    }
}

/// A stage, and what it said.
public struct StageReason: Sendable, Hashable {
    /// Name of the stage.
    public var stage: String
    /// Its reason, or the text of its error.
    public var reason: String

    /// A stage and its reason.
    public init(stage: String, reason: String) {
        self.stage = stage
        self.reason = reason
    }
}

/// offered = stored + skipped + dropped + waiting.
public struct SinkLedger: Sendable, Equatable {
    /// Why a sink did not store an image.
    public enum DropReason: String, Sendable, Hashable, CaseIterable {
        /// Its queue was full.
        case queueFull
        /// It wants the newest images only, and newer ones came while it was busy.
        case superseded
        /// It had failed, with this image or before.
        case failed
        /// No client of the stream could take it: they have not yet taken what was sent before, or were leaving.
        case slowClients
        /// Its pixels changed in the ring of another process before they were copied.
        case overwritten
        /// Whoever takes its images, or the way there, was too slow.
        case tooSlow
        /// The run was over before the far end had confirmed it.
        case notConfirmed
    }
    /// Why a sink did not want an image.
    public enum SkipReason: String, Sendable, Hashable, CaseIterable {
        /// It takes only some of the images.
        case selection
        /// Nobody listens to the stream.
        case nobody
    }

    /// Name of the sink.
    public var name: String
    /// Whether it only watches, so that an image it misses is no loss of the run.
    public var mayMiss = false
    /// Images given to it.
    public var offered: UInt64 = 0
    /// Images it has stored.
    public var stored: UInt64 = 0
    /// Images it was not meant to store, by reason.
    public var skipped: [SkipReason: UInt64] = [:]
    /// Images it has not stored, by reason.
    public var dropped: [DropReason: UInt64] = [:]
    /// Images in its queue, or on their way; 0 after a run.
    public var waiting: UInt64 = 0
    /// The most images that were ever waiting.
    public var highWater = 0
    /// Why it failed, if it did.
    public var failure: String?

    /// An empty ledger of a sink.
    public init(name: String) { self.name = name }

    /// What does not add up; `nil` when the sum is right.
    public var imbalance: String? {
        let sum = stored + skipped.values.reduce(0, +) + dropped.values.reduce(0, +) + waiting
        return sum == offered ? nil : "\(name): \(offered) images offered, \(sum) accounted for"
    }

    /// Counts an image that has left the queue.
    mutating func count(_ outcome: SinkOutcome) {
        switch outcome {
        case .stored: stored += 1
        case .skipped(let reason): skipped[reason, default: 0] += 1
        case .dropped(let reason): dropped[reason, default: 0] += 1
        }
    }
}
