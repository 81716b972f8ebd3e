/// The pipeline behind the source without threads: images go in, and a sink is served when the caller says so.
///
/// Simulations drive it; stages, queues, sinks and ledgers are those of ``Pipeline``.
package final class ThreadlessPipeline {
    private let distributor: ImageDistributor
    private let sinks: [SinkRunner]

    /// A pipeline whose sinks are not open yet.
    ///
    /// - Parameters:
    ///   - queueLimit: images that may wait at each sink.
    ///   - images: images the run shall have; `nil` for any number.
    package init(queueLimit: Int, images: Int? = nil, stages: [any ImageStage], sinks: [any ImageSink]) {
        distributor = ImageDistributor(stages)
        self.sinks = sinks.map { SinkRunner($0, limit: queueLimit) }
        distributor.limit(to: images)
    }

    /// Opens the sinks.
    package func open(_ run: RunDescription) throws {
        for sink in sinks { try sink.open(run) }
    }

    /// Takes a published image.
    ///
    /// - Returns: whether the run wants more.
    package func deliver(_ image: Image) -> Bool {
        let admission = distributor.admit()
        if admission != .unwanted { distributor.distribute(image) { sinks } }
        return admission == .wanted
    }

    /// Hands the image that has waited longest to a sink.
    ///
    /// - Returns: whether one was waiting.
    package func serveNext(ofSink index: Int) -> Bool { sinks[index].serveNext() }

    /// The run is over: the sinks get what is waiting for them, and are closed.
    package func finish() {
        for sink in sinks {
            while sink.serveNext() {}
            sink.close()
        }
    }

    /// What happened to images in the stages and at the sinks.
    package var ledger: (chain: ChainLedger, sinks: [SinkLedger]) { (distributor.chainLedger, sinks.map(\.ledger)) }
}
