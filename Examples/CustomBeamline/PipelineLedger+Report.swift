import DAQCore

extension PipelineLedger {
    /// What became of packets and images, in a few lines.
    var report: String {
        let packets = receive.packets
        let images = receive.images
        var lines = [
            "packets: \(packets.received) received, \(packets.placed) placed, \(packets.kernelDropped) lost in this host",
            "images: \(images.complete) complete, \(images.partial) partial, \(images.missing) missing of \(images.expected)",
            "stages: \(chain.kept) kept of \(chain.entered)",
        ]
        for (what, count) in chain.dropped { lines.append("  dropped by \(what.stage): \(count) (\(what.reason))") }
        for (what, count) in chain.failed { lines.append("  FAILED in \(what.stage): \(count) (\(what.reason))") }
        for sink in sinks {
            lines.append("\(sink.name): stored \(sink.stored) of \(sink.offered)")
            if let failure = sink.failure { lines.append("  STOPPED: \(failure)") }
        }
        return (lines + [imbalance ?? "every packet and every image is accounted for"]).joined(separator: "\n")
    }
}
