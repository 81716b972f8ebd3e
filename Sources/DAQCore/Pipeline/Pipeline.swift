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
    fileprivate struct State {
        var hasStarted = false
        var thread: DataThread?
        var failure: (any Error)?
        /// What images are offered to, in the order in which they were added.
        var sinks: [SinkRunner] = []
        /// Sinks that were removed and store what they still have.
        var leaving: [SinkRunner] = []
        /// What became of sinks that were removed.
        var removed: [SinkLedger] = []
        /// Whether the sinks are open.
        var isOpen = false
        /// Whether no sink can be added any more.
        var hasEnded = false
    }

    private let source: any ImageSource
    private let description: RunDescription
    private let distributor: ImageDistributor
    private let queueLimit: Int
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
        var description = description
        description.slotCount = description.slotCount ?? queueLimit
        self.description = description
        distributor = ImageDistributor(stages())
        self.queueLimit = queueLimit
        let runners = sinks().map { SinkRunner($0, limit: queueLimit) }
        state.withLock { $0.sinks = runners }
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
    /// - Throws: what sinks and source throw, or ``ThreadError``; everything that was opened is closed again.
    /// - Precondition: a pipeline runs once; for another run make another one.
    public func start(images: Int? = nil) throws {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        precondition(isFirst, "a pipeline runs once; make another one for another run")
        do {
            // First the source: a port in use must not leave an empty file behind.
            try source.prepare()
            do {
                try begin(images)
            } catch {
                finishSinks()
                // A source gives back what it has prepared when its run ends.
                source.stop()
                try? source.run { _ in }
                throw error
            }
        } catch {
            state.withLock { state in
                state.failure = error
                state.hasEnded = true
            }
            ended.signal()
            throw error
        }
    }

    /// Opens the sinks and starts the thread of the source.
    private func begin(_ images: Int?) throws {
        var opened = 0
        // A sink may be added meanwhile.
        while let sink = state.withLock({ state in
            state.isOpen = opened == state.sinks.count
            return state.isOpen ? nil : state.sinks[opened]
        }) {
            try sink.start(description)
            opened += 1
        }
        if let images, images <= 0 { source.stop() }
        distributor.limit(to: images)
        try state.withLock { $0.thread = try DataThread(name: "daq-images") { [self] in run() } }
    }

    /// No sink can be added any more; those that there are store what they have, and close.
    private func finishSinks() {
        let sinks = state.withLock { state in
            state.hasEnded = true
            // One that is being removed has to be closed as well before the run is over.
            return state.leaving + state.sinks
        }
        for sink in sinks { sink.finish() }
    }

    /// Adds a sink, which gets the images from now on; nobody else notices.
    ///
    /// It is opened by the calling thread, or by ``start(images:)`` when that comes later.
    ///
    /// - Throws: what the sink throws when it is opened, ``PipelineError`` when its name is taken or the run has ended, and
    ///   ``ThreadError`` when the system has no thread left for it. The run goes on without it then.
    public func add(_ sink: any ImageSink) throws {
        let runner = SinkRunner(sink, limit: queueLimit)
        let isOpen = try state.withLock { state in
            try state.check(sink.name)
            if !state.isOpen { state.sinks.append(runner) }
            return state.isOpen
        }
        guard isOpen else { return }
        // Opening may take long, and images must not wait for it.
        try runner.start(description)
        do {
            try state.withLock { state in
                try state.check(sink.name)
                state.sinks.append(runner)
            }
        } catch {
            runner.finish()
            throw error
        }
    }

    /// Removes a sink.
    ///
    /// Waits until it has stored what was offered to it, and closed. Its ledger stays.
    ///
    /// - Throws: ``PipelineError`` when there is no such sink, or the run has not begun or has ended.
    public func remove(named name: String) throws {
        let runner = try state.withLock { state in
            guard state.isOpen, !state.hasEnded else { throw PipelineError.notRunning }
            guard let index = state.sinks.firstIndex(where: { $0.name == name }) else {
                throw PipelineError.noSuchSink(name, known: state.sinks.map(\.name))
            }
            let runner = state.sinks.remove(at: index)
            state.leaving.append(runner)
            return runner
        }
        runner.finish()
        state.withLock { state in
            state.leaving.removeAll { $0 === runner }
            state.removed.append(runner.ledger)
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
        ledger.chain = distributor.chainLedger
        state.withLock { state in
            ledger.sinks = state.removed + (state.leaving + state.sinks).map(\.ledger)
        }
        return ledger
    }

    private func run() {
        do {
            try source.run { [self] image in deliver(image) }
        } catch {
            state.withLock { $0.failure = error }
        }
        finishSinks()
        ended.signal()
    }

    /// Takes an image from the source to the sinks, on the thread of the source.
    private func deliver(_ image: Image) {
        switch distributor.admit() {
        case .wanted: break
        case .last: source.stop()
        case .unwanted: return
        }
        distributor.distribute(image) { state.withLock { $0.sinks } }
    }
}

extension Pipeline.State {
    /// Whether a sink of that name can be added.
    fileprivate func check(_ name: String) throws(PipelineError) {
        guard !hasEnded else { throw .notRunning }
        guard !sinks.contains(where: { $0.name == name }) else { throw .nameTaken(name) }
    }
}
