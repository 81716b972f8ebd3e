import DAQBuffer
import DAQCore
import DAQWriter

/// One run of `daqctl run` or `daqctl forward`: images from the detector, a stream or another host, to files, streams and
/// other hosts.
struct DetectorRun {
    let detector: DetectorConfiguration
    let calibration: Calibration?
    let reporter: Reporter
    let stop: StopRequest
    /// How many images to take; `nil` for no limit.
    var images: Int?
    /// How many seconds to run at the longest; `nil` for no limit.
    var duration: Double?
    /// Whether a sender on another host ends the run when it has sent everything.
    var endsWithSender = false

    /// Runs to the end and shows the summary.
    ///
    /// - Throws: what made the start, or a sink, fail.
    func run(writing: FileWriting? = nil) throws {
        let incomplete = IncompleteImages(of: detector)
        let ring = try RunRing.make(for: detector, reporter)
        // A start that fails must not cost what a run that was killed has left.
        var hasStarted = false
        defer { if !hasStarted { ring.leave() } }
        let forwarded = try reporter.forwardedSource(of: detector, into: ring, once: endsWithSender)
        let forwarders = try reporter.forwarders(
            of: detector, format: ring.format, slots: ring.slotCount, relaying: forwarded)
        let source: any ImageSource = try forwarded ?? localSource(into: ring)
        let description = RunDescription(configuration: detector, format: ring.format)
        let file = writing?.sink(for: description, from: ring, calibration: calibration)
        let pipeline = Pipeline(from: source, describing: description, queueLimit: ring.slotCount) {
            incomplete
        } sinks: {
            if let file { file }
            for stream in detector.liveStreams { LiveStream(stream) }
            for forwarder in forwarders { forwarder }
        }
        let acquisition = Acquisition(
            pipeline: pipeline, configuration: detector, reporter: reporter, stop: stop, images: images, duration: duration,
            ring: ring, file: file, endsWithSinks: file == nil, address: { forwarded?.statistics.address },
            incomplete: incomplete, stream: source as? StreamSource)
        let ledger = try acquisition.run { hasStarted = true }
        // Before anything is printed: whoever closes the pipe must not leave the memory behind.
        ring.end()
        var summary = RunSummary(ledger, of: detector, session: file?.status)
        summary.incomplete = incomplete
        summary.forwarded = forwarded
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = summary.failure { throw RunFailure(reason: failure) }
    }

    private func localSource(into ring: ImageRing) throws -> any ImageSource {
        if detector.source != nil { return try StreamSource(detector, into: ring) }
        return try DetectorSource(detector, into: ring, correcting: calibration)
    }
}
