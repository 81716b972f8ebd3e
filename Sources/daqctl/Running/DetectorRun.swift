import DAQBuffer
import DAQCore
import DAQWriter

/// One run of `daqctl run` or `daqctl forward`: images from the detector or another host, to files and other hosts.
struct DetectorRun {
    let detector: DetectorConfiguration
    let reporter: Reporter
    let stop: StopRequest
    var images: Int?
    var duration: Double?
    /// Whether a sender on another host ends the run when it has sent everything.
    var endsWithSender = false

    /// Runs to the end and shows the summary.
    ///
    /// - Throws: what made the start, or a sink, fail.
    func run(writer: HDF5Writer? = nil) throws {
        let incomplete = IncompleteImages()
        let ring = try ImageRing(for: detector)
        let forwarders = try reporter.forwarders(of: detector, from: ring)
        let forwarded = try reporter.forwardedSource(of: detector, into: ring, once: endsWithSender)
        // Images from another host are corrected already.
        let source: any ImageSource =
            try forwarded ?? DetectorSource(detector, into: ring, correcting: reporter.calibration(of: detector))
        let pipeline = Pipeline(
            from: source, describing: RunDescription(configuration: detector, format: ring.format), queueLimit: ring.slotCount
        ) {
            incomplete
        } sinks: {
            if let writer { writer }
            for forwarder in forwarders { forwarder }
        }
        let acquisition = Acquisition(
            pipeline: pipeline, configuration: detector, reporter: reporter, stop: stop, images: images, duration: duration,
            address: { forwarded?.statistics.address })
        let ledger = try acquisition.run()
        var summary = RunSummary(ledger, of: detector, files: [writer?.written.path].compactMap { $0 })
        summary.incomplete = incomplete.entries
        summary.forwarded = forwarded
        reporter.result("summary", summary.json, text: summary.text)
        if let failure = ledger.sinks.lazy.compactMap(\.failure).first { throw RunFailure(reason: failure) }
    }
}
