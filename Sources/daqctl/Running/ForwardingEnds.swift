import DAQBuffer
import DAQCore

extension Reporter {
    /// The forwarders to the hosts that a configuration names.
    ///
    /// - Parameters:
    ///   - slots: how many slots there are; the forwarders together hold at most half of them.
    ///   - upstream: the source, when it is another host.
    func forwarders(
        of detector: DetectorConfiguration, format: ImageFormat, slots: Int, relaying upstream: ForwardedSource?
    ) throws -> [Forwarder] {
        try detector.forward.enumerated().map { index, end in
            let name = detector.forwarderName(index)
            // All of them together hold half of the slots at most.
            let options = try ForwardOptions(end, format: format, slots: slots / detector.forward.count)
            return try Forwarder(options, name: name, relaying: upstream) { [self] event in show(event, of: name) }
        }
    }

    /// The source of images from another host, if the configuration names one.
    func forwardedSource(of detector: DetectorConfiguration, into ring: ImageRing, once: Bool) throws -> ForwardedSource? {
        guard let end = detector.forwardSource else { return nil }
        let options = try ForwardOptions(end, format: ring.format, slots: ring.slotCount)
        return try ForwardedSource(into: ring, options, endsWithSender: once) { [self] event in show(event, of: "source") }
    }

    private func show(_ event: ForwardEvent, of name: String) {
        switch event {
        case .waiting, .connected, .ended: note("\(name): \(event)")
        case .disconnected, .refused, .tooSlow: warning("\(name): \(event)")
        }
    }
}

extension DetectorConfiguration {
    /// How the forwarder to one of the far ends is called.
    fileprivate func forwarderName(_ index: Int) -> String { forward.count == 1 ? "forward" : "forward-\(index + 1)" }

    /// The address that a forwarder of that name sends to; `nil` when it is another sink's name.
    func farEnd(ofSink name: String) -> String? {
        forward.indices.first { forwarderName($0) == name }.map { forward[$0].address }
    }
}

extension ForwardedSource {
    /// What did not come and what was refused, one line each; `nil` when there is nothing to say.
    var text: String? {
        var lines = gaps.prefix(20).map { gap in
            "ids \(gap.first) to \(gap.last)\(gap.segment == 0 ? "" : " of segment \(gap.segment)") were not sent"
        }
        for (reason, count) in statistics.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("refused messages: \(count) (\(reason.rawValue))")
        }
        if statistics.refusedConnections > 0 { lines.append("refused connections: \(statistics.refusedConnections)") }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    /// The same for machines.
    var json: JSONValue {
        let statistics = statistics
        return [
            "gaps": .array(
                gaps.map { gap in
                    [
                        "segment": .integer(Int64(gap.segment)), "first": .unsigned(gap.first), "last": .unsigned(gap.last),
                        "step": .unsigned(gap.step), "given_up": .unsigned(gap.givenUp),
                    ]
                }),
            "senders": .unsigned(statistics.streams), "parts": .unsigned(statistics.parts),
            "duplicates": .unsigned(statistics.duplicates), "broken_connections": .unsigned(statistics.broken),
            "refused_connections": .unsigned(statistics.refusedConnections),
            "refused_messages": .unsigned(statistics.refused.values.reduce(0, +)),
        ]
    }
}
