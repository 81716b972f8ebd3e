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
        if let takeover = ring.takeover {
            reporter.note(
                "the last run of ring \"\(ring.name ?? "")\" did not end properly; \(takeover.images) of its images are still "
                    + "there" + (takeover.lastID.map { ", the newest has id \($0)" } ?? ""))
        }
        return ring
    }

    /// `ring.name`, or what is a possible name of the detector's.
    static func name(for detector: DetectorConfiguration) -> String {
        if let name = detector.ring.name { return name }
        return String(detector.name.map { $0 == "/" || $0.isWhitespace ? "-" : $0 })
    }
}
