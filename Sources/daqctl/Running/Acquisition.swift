import DAQBuffer
import DAQCore
import DAQWriter

/// A pipeline that runs under the eyes of a user: says when it is ready, shows progress, and ends as asked.
struct Acquisition {
    let pipeline: Pipeline
    let configuration: DetectorConfiguration
    let reporter: Reporter
    let stop: StopRequest
    /// How many images to take; `nil` for no limit.
    var images: Int?
    /// How many seconds to run at the longest; `nil` for no limit.
    var duration: Double?
    /// The ring that other processes may damage; `nil` when they cannot.
    var ring: ImageRing?
    /// The file that is written; progress counts the images of it that are on the disk.
    var file: SessionSink?
    /// Whether there is nothing to go on for when all sinks have failed.
    var endsWithSinks = true
    /// Where images of another host are waited for; `nil` when they come from the detector or a stream.
    var address: @Sendable () -> String? = { nil }
    /// What images lack.
    var incomplete: IncompleteImages?
    /// The stream whose messages may be refused; `nil` when images come another way.
    var stream: StreamSource?

    /// Runs to the end.
    ///
    /// - Parameter started: is called when images can come.
    /// - Returns: what happened to every packet and image.
    /// - Throws: why nothing could be received.
    func run(started: () -> Void = {}) throws -> PipelineLedger {
        try pipeline.start(images: images)
        started()
        stop.onStop { [pipeline, reporter, incomplete] in
            incomplete?.noteStop()
            reporter.note("stopping; what has arrived is stored first (Ctrl-C again ends at once)")
            pipeline.stop()
        }
        announceReady()
        let clock = MonotonicClock()
        var shownFailures: Set<String> = []
        var shownDamage: RingDamage?
        var hasShownRefusal = false
        var hasShownSilence = false
        while try !pipeline.wait(milliseconds: 100) {
            let ledger = pipeline.ledger
            reporter.progress(sample(ledger), at: clock.seconds)
            if let duration, clock.seconds >= duration {
                incomplete?.noteStop()
                pipeline.stop()
            }
            report(failuresIn: ledger, shown: &shownFailures)
            if !hasShownSilence, ledger.receive.images.published >= Self.imagesBeforeSilence {
                // The images that were counted may still be on their way to the stage.
                let lines = incomplete?.silenceLines ?? []
                hasShownSilence = !lines.isEmpty
                for line in lines { reporter.warning(line) }
            }
            if let damage = ring?.damage, damage != shownDamage {
                shownDamage = damage
                reporter.warning("\(damage)")
            }
            if !hasShownRefusal, let refusal = stream?.lastRefusal {
                hasShownRefusal = true
                reporter.warning("a message was refused: \(refusal)")
            }
        }
        let ledger = pipeline.ledger
        if let refusal = stream?.lastRefusal { reporter.warning(refusal) }
        report(failuresIn: ledger, shown: &shownFailures, isOver: true)
        return ledger
    }

    /// After so many images a stream that has sent nothing is not just late.
    private static let imagesBeforeSilence: UInt64 = 3

    private func announceReady() {
        if let address = address() {
            return reporter.event(
                "ready", ["detector": .string(configuration.name), "address": .string(address)],
                message: "ready: images of \(configuration.name) from \(address); start the forwarder")
        }
        if let source = configuration.source {
            return reporter.event(
                "ready", ["detector": .string(configuration.name), "address": .string(source.endpoint)],
                message: "ready: \(configuration.name) from \(source.words)")
        }
        let ports = configuration.placedStreams.map(\.udpPort)
        let range = ports.count == 1 ? "port \(ports[0])" : "\(ports.count) ports from \(ports[0]) to \(ports[ports.count - 1])"
        reporter.event(
            "ready", ["detector": .string(configuration.name), "ports": .array(ports.map { .integer(Int64($0)) })],
            message: "ready: \(configuration.name) on UDP \(range); start the detector")
    }

    /// Tells at once when a sink gives up; at the end people read it in the summary.
    private func report(failuresIn ledger: PipelineLedger, shown: inout Set<String>, isOver: Bool = false) {
        var failures = ledger.sinks.compactMap { sink in sink.failure.map { (sink.name, $0) } }
        // The ledger learns of it with the next image, which may be long in coming.
        if let file, case .failed(let reason)? = file.status?.state { failures.append((file.name, reason)) }
        for (name, failure) in failures where shown.insert(name).inserted {
            let members: JSONValue = ["sink": .string(name), "reason": .string(failure)]
            if isOver {
                reporter.result("sink_failed", members, text: "")
            } else {
                reporter.event("sink_failed", members, message: "\(name) has stopped: \(failure)")
            }
        }
        if endsWithSinks, !ledger.sinks.isEmpty, ledger.sinks.allSatisfy({ $0.failure != nil }) { pipeline.stop() }
    }

    private func sample(_ ledger: PipelineLedger) -> ProgressMeter.Sample {
        let images = ledger.receive.images
        var sample = ProgressMeter.Sample()
        sample.images = images.published
        if let status = file?.status {
            sample.images = status.progress.flushed
            sample.received = images.published
        }
        sample.total = self.images.map { UInt64($0) }
        sample.bytes = images.published * UInt64(configuration.imageFormat.bytes)
        sample.lostImages = images.expected - images.complete
        sample.lostPackets = images.missingPackets + ledger.receive.packets.kernelDropped
        sample.hasBegun = images.expected > 0 || ledger.receive.packets.received > 0 || sample.lostPackets > 0
        return sample
    }
}

extension SourceConfiguration {
    /// Address and manner, for people.
    var words: String {
        // The services of std-daq can only be subscribed to.
        let pattern = format == .stdDAQ ? "" : ", \(pattern.rawValue)"
        return "\(endpoint) (\(format.rawValue)\(pattern)\(connections == 1 ? "" : ", \(connections) connections"))"
    }
}
