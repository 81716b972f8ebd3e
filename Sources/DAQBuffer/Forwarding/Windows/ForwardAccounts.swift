import DAQCore

/// Counts what became of every image id at the receiving end, also across restarts of the sending end.
struct ForwardAccounts {
    private var finder = GapFinder(step: 1, maxGap: 0)
    private var segment: UInt32?
    /// Counts end here, so that no sum overflows whatever a peer says.
    private static let most: UInt64 = 1 << 61

    /// A sender has come; ids are counted as it says.
    mutating func begin(step: UInt64, maxGap: UInt64) {
        finder.step = step
        finder.maxGap = maxGap
    }

    /// An image is published.
    ///
    /// - Returns: the ids before it of which nobody has said anything: those that a former sender has taken with it.
    mutating func publish(_ metadata: ImageMetadata, _ ledger: inout ImageLedger) -> ForwardGap? {
        enter(metadata.segment, &ledger)
        let gap = finder.advance(to: metadata.id, segment: metadata.segment)
        if let gap { count(gap, &ledger) }
        ledger.expected += 1
        if metadata.status == .good {
            ledger.complete += 1
        } else {
            ledger.partial += 1
            ledger.missingPackets += UInt64(metadata.missingPackets)
        }
        if ledger.firstReceivedAt == 0 { ledger.firstReceivedAt = metadata.receivedAt }
        ledger.lastReceivedAt = metadata.receivedAt
        return gap
    }

    /// A gap's turn has come.
    ///
    /// - Returns: ids before it of which nobody has said anything.
    mutating func miss(_ gap: ForwardGap, _ ledger: inout ImageLedger) -> ForwardGap? {
        enter(gap.segment, &ledger)
        let before = finder.miss(gap)
        if let before { count(before, &ledger) }
        count(gap, &ledger)
        return before
    }

    private mutating func enter(_ segment: UInt32, _ ledger: inout ImageLedger) {
        if self.segment != segment { ledger.segments += 1 }
        self.segment = segment
    }

    private func count(_ gap: ForwardGap, _ ledger: inout ImageLedger) {
        let count = min(gap.count, Self.most - min(Self.most, ledger.expected))
        let givenUp = min(gap.givenUp, count)
        ledger.expected += count
        ledger.missing += count - givenUp
        if givenUp > 0 { ledger.dropped[.notForwarded, default: 0] += givenUp }
    }
}
