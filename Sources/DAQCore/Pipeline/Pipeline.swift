import Dispatch
import Synchronization

/// A running acquisition: a source of images, stages that look at them, and sinks that take them.
///
/// Threads are started by ``start()`` and have ended when ``wait()`` returns. Every loss is in the ``ledger``.
///
///     let ring = try ImageRing(for: detector)
///     let pipeline = try Pipeline(detector, into: ring, correcting: calibration) {
///         HitFinder(threshold: 12)
///     } sinks: {
///         HDF5Writer(path: "run.h5")
///     }
///     try pipeline.start()
///     try pipeline.wait()
public final class Pipeline: Sendable {
    private struct State {
        var chain = ChainLedger()
        var published = 0
        var limit: Int?
        var hasStarted = false
        var thread: DataThread?
        var failure: (any Error)?
    }

    private let source: any ImageSource
    private let description: RunDescription
    private let chain: StageChain
    private let sinks: [SinkRunner]
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    /// A pipeline for images of any source.
    ///
    /// - Parameter queueLimit: images that may wait at each sink; the number of slots of the ring loses nothing.
    public init(
        from source: any ImageSource, describing description: RunDescription, queueLimit: Int,
        @ListBuilder<any ImageStage> stages: () -> [any ImageStage] = { [] },
        @ListBuilder<any ImageSink> sinks: () -> [any ImageSink]
    ) {
        self.source = source
        self.description = description
        chain = StageChain(revision: 1, stages: stages())
        self.sinks = sinks().map { SinkRunner($0, limit: queueLimit) }
    }

    /// A pipeline for a detector that sends UDP packets.
    ///
    /// - Throws: when the configuration and the calibration do not fit together.
    public convenience init(
        _ detector: DetectorConfiguration, into buffer: any ImageBuffer, correcting calibration: Calibration? = nil,
        @ListBuilder<any ImageStage> stages: () -> [any ImageStage] = { [] },
        @ListBuilder<any ImageSink> sinks: () -> [any ImageSink]
    ) throws {
        self.init(
            from: try DetectorSource(detector, into: buffer, correcting: calibration),
            describing: RunDescription(configuration: detector, format: buffer.format), queueLimit: buffer.slotCount,
            stages: stages, sinks: sinks)
    }

    /// Prepares the source, opens the sinks, and lets images flow.
    ///
    /// Packets that arrive after it has returned are received.
    ///
    /// - Parameter images: the run ends by itself after so many published images.
    /// - Throws: what sinks and source throw; everything that was opened is closed again.
    /// - Precondition: a pipeline runs once; for another run make another one.
    public func start(images: Int? = nil) throws {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        precondition(isFirst, "a pipeline runs once; make another one for another run")
        do {
            try open()
        } catch {
            state.withLock { $0.failure = error }
            ended.signal()
            throw error
        }
        if let images, images <= 0 { source.stop() }
        state.withLock { state in
            state.limit = images
            state.thread = DataThread(name: "daq-images") { [self] in run() }
        }
    }

    private func open() throws {
        // First the source: a port in use must not leave an empty file behind.
        try source.prepare()
        var opened: [SinkRunner] = []
        do {
            for sink in sinks {
                try sink.start(description)
                opened.append(sink)
            }
        } catch {
            for sink in opened { sink.finish() }
            // A source gives back what it has prepared when its run ends.
            source.stop()
            try? source.run { _ in }
            throw error
        }
    }

    /// Asks the run to end: what has arrived is finished, stored and counted.
    public func stop() { source.stop() }

    /// Waits until the run has ended and all sinks have closed.
    ///
    /// - Parameter milliseconds: how long to wait at most; `nil` waits for the end.
    /// - Returns: whether the run has ended.
    /// - Throws: what made the source, or the start, fail. A sink's failure during the run is in the ledger.
    @discardableResult
    public func wait(milliseconds: Int? = nil) throws -> Bool {
        if let milliseconds {
            guard ended.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else { return false }
        } else {
            ended.wait()
        }
        // Whoever waits next finds the run ended as well.
        ended.signal()
        let (thread, failure) = state.withLock { ($0.thread, $0.failure) }
        thread?.join()
        if let failure { throw failure }
        return true
    }

    /// What happened so far.
    public var ledger: PipelineLedger {
        var ledger = PipelineLedger()
        ledger.receive = source.ledger
        ledger.chain = state.withLock { $0.chain }
        ledger.sinks = sinks.map(\.ledger)
        return ledger
    }

    private func run() {
        do {
            try source.run { [self] image in deliver(image) }
        } catch {
            state.withLock { $0.failure = error }
        }
        for sink in sinks { sink.finish() }
        ended.signal()
    }

    /// Takes an image from the source to the sinks, on the thread of the source.
    private func deliver(_ image: Image) {
        let (isWanted, isLast) = state.withLock { state in
            state.published += 1
            guard let limit = state.limit else { return (true, false) }
            return (state.published <= limit, state.published == limit)
        }
        if isLast { source.stop() }
        // Images that were on their way when the last wanted one came.
        guard isWanted else { return }
        var ledger = ChainLedger()
        let processed = chain.process(image, &ledger)
        state.withLock { $0.chain += ledger }
        guard let processed else { return }
        processed.lease.publish(processed.metadata)
        for sink in sinks { sink.offer(processed) }
    }
}

extension ChainLedger {
    /// Adds the counts of other images.
    static func += (left: inout ChainLedger, right: ChainLedger) {
        left.entered += right.entered
        left.kept += right.kept
        left.dropped.merge(right.dropped, uniquingKeysWith: +)
        left.failed.merge(right.failed, uniquingKeysWith: +)
    }
}
