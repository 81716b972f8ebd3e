import DAQCore

/// Compares the ledger of a receiver that has finished with what really arrived and was published.
struct LedgerChecker {
    private let scenario: Scenario
    private let arrivals: Arrivals
    private let images: ImageChecker
    private let buffer: SimulatedBuffer.Counts

    init(_ scenario: Scenario, _ arrivals: Arrivals, _ images: ImageChecker, _ buffer: SimulatedBuffer.Counts) {
        self.scenario = scenario
        self.arrivals = arrivals
        self.images = images
        self.buffer = buffer
    }

    func check(_ ledger: ReceiveLedger) throws(Violation) {
        try checkPackets(ledger.packets)
        try checkImages(ledger.images, ledger.packets)
        switch scenario.weather {
        case .fair: try checkFair(ledger)
        case .storm: try checkRecovery()
        }
    }

    /// What holds in any weather.
    private func checkPackets(_ ledger: PacketLedger) throws(Violation) {
        try requireEqual(ledger.held, 0, "held packets after the run")
        try requireEqual(ledger.malformed, arrivals.malformed, "malformed packets")
        try requireEqual(ledger.foreign, arrivals.foreign, "foreign packets")
        try requireEqual(ledger.discarded[.unplaced] ?? 0, arrivals.unplaced, "packets of modules without a position")
        try requireEqual(ledger.positionChanged, arrivals.positionChanged, "packets with another position")
        if scenario.namesFramesOnce {
            try require(ledger.duplicate <= arrivals.again, "\(ledger.duplicate) duplicates of \(arrivals.again) copies")
        }
        if scenario.configuration.incomplete == .emit {
            try requireEqual(ledger.placed, images.placedPackets, "placed packets, and those of published images")
        } else {
            try require(
                ledger.placed >= images.placedPackets, "\(ledger.placed) packets placed, \(images.placedPackets) published")
        }
    }

    private func checkImages(_ ledger: ImageLedger, _ packets: PacketLedger) throws(Violation) {
        try requireEqual(ledger.published, images.published, "published images")
        try requireEqual(ledger.complete, images.complete, "complete images")
        try requireEqual(ledger.missingPackets, images.missingPackets, "missing packets of published images")
        try requireEqual(buffer.published, images.published, "slots published")
        try requireEqual(ledger.dropped[.incomplete] ?? 0, buffer.abandoned, "slots given back, and images dropped")
        try requireEqual(ledger.dropped[.noFreeSlot] ?? 0, buffer.refused, "images without a slot, and slots refused")
        // A few come before the thread that finishes images has had its turn.
        try require(
            !scenario.leavesRingAlone || buffer.refused * 100 <= arrivals.framesHeard,
            "\(buffer.refused) slots refused while nobody held any, of \(arrivals.framesHeard) images")
        try require(
            (packets.discarded[.noFreeSlot] ?? 0) >= buffer.refused, "fewer packets discarded than images without a slot")
        try require(ledger.segments >= UInt64(images.segments.count), "\(ledger.segments) segments, but \(images.segments)")
    }

    /// In fair weather every number is known.
    private func checkFair(_ ledger: ReceiveLedger) throws(Violation) {
        try requireEqual(ledger.packets.placed, arrivals.fresh, "placed packets")
        try requireEqual(
            ledger.packets.duplicate + ledger.packets.late + (ledger.packets.discarded[.unconfirmedJump] ?? 0),
            arrivals.again + arrivals.wild, "copies and wild packets")
        var expected = ImageLedger()
        var frames: [Int] = []
        let streams = scenario.configuration.placedStreams
        let whole = streams.reduce(0) { $0 + scenario.configuration.packetFormat(of: $1).packets.count }
        for stretch in scenario.stretches {
            let counts = (stretch.base..<stretch.base + stretch.count).map { frame in
                (frame, streams.reduce(0) { $0 + arrivals.count(stream: $1.number, frame: frame) })
            }
            guard let first = counts.firstIndex(where: { $0.1 > 0 }), let last = counts.lastIndex(where: { $0.1 > 0 }) else {
                continue
            }
            expected.segments += 1
            expected.expected += UInt64(last - first + 1)
            for (frame, count) in counts[first...last] {
                switch count {
                case whole: expected.complete += 1
                case 0: expected.missing += 1
                case _ where scenario.configuration.incomplete == .drop: expected.dropped[.incomplete, default: 0] += 1
                default:
                    expected.partial += 1
                    expected.missingPackets += UInt64(whole - count)
                }
                let isPublished = count == whole || (count > 0 && scenario.configuration.incomplete == .emit)
                if isPublished { frames.append(frame) }
            }
        }
        expected.firstReceivedAt = ledger.images.firstReceivedAt
        expected.lastReceivedAt = ledger.images.lastReceivedAt
        try requireEqual(ledger.images, expected, "images")
        try requireEqual(images.frames.map(\.frame), frames, "frames of the published images")
    }

    /// After the storm everything works again: the last images are whole, all of them.
    private func checkRecovery() throws(Violation) {
        guard let calm = scenario.stretches.last, calm.isCalm else { return }
        let first = calm.base + Scenario.recoveryFrames
        let found = images.frames.filter { $0.frame >= first }
        try requireEqual(found.map(\.frame), Array(first..<calm.base + calm.count), "images after the storm")
        let partial = found.filter { $0.missing > 0 }
        try require(
            partial.isEmpty, "after the storm frames \(partial.map(\.frame)) lack \(partial.map(\.missing)) packets")
    }
}
