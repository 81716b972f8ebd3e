import DAQBuffer
import DAQCore

/// Images of a ring that another process fills go to sinks of this one, under the eyes of a user, until the run there ends.
struct RingRun {
    let reader: ImageRingReader
    let source: RingSource
    let detector: DetectorConfiguration
    /// Images that may wait at each sink.
    let queueLimit: Int
    let reporter: Reporter
    let stop: StopRequest
    /// How many images to take; `nil` for no limit.
    var images: Int?
    /// How many seconds to run at the longest; `nil` for no limit.
    var duration: Double?

    /// Runs to the end.
    ///
    /// - Parameter announce: is called when images can come.
    /// - Returns: what happened to every image.
    /// - Throws: why no images could be had.
    func run(into sinks: [any ImageSink], announce: () -> Void) throws -> PipelineLedger {
        let pipeline = Pipeline(
            from: source, describing: RunDescription(configuration: detector, format: reader.format, slotCount: reader.slotCount),
            queueLimit: queueLimit,
            sinks: { for sink in sinks { sink } })
        try pipeline.start(images: images)
        stop.onStop { pipeline.stop() }
        announce()
        let clock = MonotonicClock()
        while try !pipeline.wait(milliseconds: 100) {
            if let duration, clock.seconds >= duration { pipeline.stop() }
            let ledger = pipeline.ledger
            reporter.progress(sample(ledger), at: clock.seconds)
            if ledger.sinks.allSatisfy({ $0.failure != nil }) { pipeline.stop() }
        }
        return pipeline.ledger
    }

    private func sample(_ ledger: PipelineLedger) -> ProgressMeter.Sample {
        let images = ledger.receive.images
        var sample = ProgressMeter.Sample()
        sample.images = images.published
        sample.total = self.images.map { UInt64($0) }
        sample.bytes = images.published * UInt64(reader.format.bytes)
        sample.lostImages = images.expected - images.complete
        sample.unsent = ledger.sinks.filter(\.mayMiss).map { $0.dropped.values.reduce(0, +) }.max() ?? 0
        sample.hasBegun = images.expected > 0
        return sample
    }
}
