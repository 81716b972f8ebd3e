import DAQCore

/// A stream that listens: its sockets, and which image is next.
struct OpenStream {
    private let outlets: [any ImageOutlet]
    private var selector: StreamSelector

    /// Opens the sockets: one, or for the receiver's format one for every port of the detector.
    init(_ stream: StreamConfiguration, showing run: RunDescription, now: UInt64) throws {
        selector = StreamSelector(stream.selection)
        let context = try ZMQContext()
        if let encoder = stream.format.makeMetadataEncoder(for: run) {
            let refusal: String? =
                if stream.pattern == .reply {
                    "has the patterns pub and push only"
                } else if stream.region != nil || stream.binning != 1 { "has no pixels; remove region and binning" } else { nil }
            if let refusal { throw StreamError.unsupported(stream.format, reason: refusal) }
            outlets = [
                try MetadataOutlet(stream.pattern, at: stream.address, in: context, encoder: encoder, now: now)
            ]
        } else if stream.format == .sls {
            outlets = try SLSEncoder.ports(of: stream, showing: run).map { port in
                try StreamOutlet(
                    stream.pattern, at: port.address, in: context, encoder: port.encoder, cut: .port(port.cut),
                    output: port.cut.output, now: now)
            }
        } else {
            let reduction = try ImageReduction(of: run, to: stream.region, binning: stream.binning)
            let encoder = try stream.format.makeEncoder(
                for: StreamDescription(run: run, reduction: reduction, compression: stream.compression))
            outlets = [
                try StreamOutlet(
                    stream.pattern, at: stream.address, in: context, encoder: encoder, cut: .reduction(reduction),
                    output: reduction.output, now: now)
            ]
        }
    }

    /// Sends an image if it is selected and anybody listens.
    ///
    /// - Returns: stored when anybody gets it.
    mutating func take(_ image: Image, at now: UInt64) throws -> SinkOutcome {
        var heard: [any ImageOutlet] = []
        for outlet in outlets where try !outlet.isUnheard(at: now) { heard.append(outlet) }
        guard !heard.isEmpty else { return .skipped(.nobody) }
        guard selector.takes(image.metadata.id, at: now) else { return .skipped(.selection) }
        var outcome = SinkOutcome.skipped(.nobody)
        for outlet in heard {
            let sent = try outlet.send(image, at: now)
            if outcome != .stored, sent != .skipped(.nobody) { outcome = sent }
        }
        return outcome
    }

    /// Tells clients that no images follow.
    func end() throws {
        for outlet in outlets { try outlet.end() }
    }

    /// What can be seen of it.
    var status: LiveStream.Status {
        var status = LiveStream.Status()
        for outlet in outlets {
            status.addresses.append(outlet.address)
            status.subscriptions += outlet.subscriptions
            status.bytes += outlet.bytes
            status.malformed += outlet.malformed
        }
        return status
    }
}
