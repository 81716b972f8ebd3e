import DAQBuffer
import DAQCore

/// The memory of a run: shared with other processes, unless the configuration says otherwise.
enum RunRing {
    /// Makes the ring of a run and tells what an earlier run has left in it.
    static func make(for detector: DetectorConfiguration, _ reporter: Reporter) throws -> ImageRing {
        guard detector.ring.isShared else {
            guard detector.ring.layout == .native else {
                throw RingError.stdDAQ(reason: "it is for other processes; remove ring.shared false")
            }
            return try ImageRing(for: detector)
        }
        let ring = try ImageRing(creating: name(for: detector), for: detector)
        if let takeover = ring.takeover, takeover.images > 0 { reporter.note(words(takeover, of: ring.name ?? "")) }
        return ring
    }

    /// `ring.name`, or what is a possible name of the detector's.
    static func name(for detector: DetectorConfiguration) -> String {
        if let name = detector.ring.name { return name }
        return String(detector.name.map { $0 == "/" || $0.isWhitespace ? "-" : $0 })
    }

    /// What an earlier run has left, and how to save it.
    static func words(_ takeover: RingTakeover, of ring: String) -> String {
        let older = takeover.images - takeover.imagesOfLastOwner
        var text = "the last run of ring \"\(ring)\" did not end properly; \(Quantity.images(UInt64(takeover.images))) "
        text += takeover.images == 1 ? "is still in memory" : "are still in memory"
        if older > 0 { text += ", \(older) of them from runs before it" }
        if let id = takeover.lastID { text += ", the newest with id \(id)" }
        return text + "; the new images overwrite them. To save them before the detector starts: daqctl write \(ring) "
            + "--back \(takeover.images) --images \(takeover.images) --output NAME"
    }
}
