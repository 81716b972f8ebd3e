public import DAQCore
import Synchronization

/// One write session as a sink of a pipeline: it begins when the pipeline starts and ends with it.
///
///     var request = WriteRequest(output: try FileNameTemplate("{detector}_{run}.h5"))
///     request.run = "7"
///     let sink = SessionSink(request, of: SessionWriter(for: run, roots: .anywhere, limit: ring.slotCount / 2))
///     let pipeline = try Pipeline(detector, into: ring) {} sinks: { sink }
///
/// A pipeline does not start when the file cannot be created. Later its failure ends this sink and nothing else, and the
/// pipeline's ledger tells what became of every image.
public final class SessionSink: ImageSink {
    private let writer: SessionWriter
    private let request: WriteRequest
    private let runner = Mutex<SessionRunner?>(nil)

    /// A session of a writer that has no others.
    public init(_ request: WriteRequest, of writer: SessionWriter) {
        self.request = request
        self.writer = writer
    }

    /// The name of the writer.
    public var name: String { writer.name }

    /// What is known of the session; `nil` before it has begun.
    public var status: SessionStatus? { runner.withLock { $0 }?.status }

    /// Begins the session, and waits until its file is there.
    ///
    /// - Throws: ``WriteRefusal``, or ``SessionFailure`` when the file cannot be created.
    public func open(_ run: RunDescription) throws {
        try writer.open(run)
        let begun = try writer.begin(request)
        runner.withLock { $0 = begun }
        begun.waitUntilCreated()
        try throwFailure()
    }

    /// Gives an image to the session.
    ///
    /// - Throws: ``SessionFailure`` when it has failed before.
    public func accept(_ image: Image) throws { _ = try take(image) }

    /// Gives an image to the session, or tells that it takes no more.
    ///
    /// - Throws: as ``accept(_:)``.
    public func take(_ image: Image) throws -> SinkOutcome {
        try throwFailure()
        let before = received
        writer.accept(image)
        // It may have failed in between; what it has received it accounts for itself (``backlog``).
        return received > before ? .stored : .dropped(.failed)
    }

    private var received: UInt64 { runner.withLock { $0 }?.received ?? 0 }

    /// Ends the session and waits until its file is closed.
    ///
    /// - Throws: ``SessionFailure`` when it has failed.
    public func close() throws {
        writer.close()
        try throwFailure()
    }

    /// Images that wait for the disk, and images that were given up because it was too slow or has failed.
    public var backlog: SinkBacklog {
        var backlog = SinkBacklog()
        guard let progress = status?.progress else { return backlog }
        backlog.waiting = progress.waiting
        for (loss, count) in progress.dropped { backlog.dropped[loss == .queueFull ? .queueFull : .failed, default: 0] += count }
        return backlog
    }

    private func throwFailure() throws {
        guard case .failed(let reason)? = runner.withLock({ $0 })?.state else { return }
        throw SessionFailure(reason: reason)
    }
}
