import DAQCore

/// The ledger for people: first the verdict, then where everything went, then whether it adds up.
///
/// Rows that are zero are left out, except the good ones, so that whatever is listed deserves a look.
struct LedgerTable: CustomStringConvertible {
    let ledger: ReceiveLedger
    /// What arrived.
    var unit = Unit.packet
    /// What is worse than what the ledger tells, one line each.
    var headlines: [String] = []
    /// Incomplete images that were still coming when the run was asked to end.
    var cutOff: UInt64 = 0

    /// What images arrive as.
    enum Unit: String, Sendable {
        case packet, message
        /// Whole images of another host, so that nothing else is counted.
        case image
        /// Whole images of another process, so that nothing else is counted.
        case sharedImage
    }

    /// The whole table, with the end of its last line.
    var description: String {
        ((headlines.isEmpty || !isGood ? headlines + [verdict] : headlines) + imageRows + (countsImagesOnly ? [] : packetRows) + [
            balance
        ]).joined(separator: "\n") + "\n"
    }

    private var countsImagesOnly: Bool { unit == .image || unit == .sharedImage }

    /// One sentence that is enough when all is well.
    var verdict: String {
        let images = ledger.images
        if images.expected == 0 {
            guard ledger.packets.received == 0 else {
                return "NO IMAGES: \(unit)s arrived, but none made an image; the reasons are below."
            }
            return switch unit {
            case .packet: "NOTHING RECEIVED: not a single packet arrived. Is the detector sending, to this host and these ports?"
            case .message: "NOTHING RECEIVED: not a single message arrived. Is the sender running, and is its address right?"
            case .image:
                "NOTHING RECEIVED: no image came. Is the other host forwarding, to this address, and with the right keys?"
            case .sharedImage: "NOTHING RECEIVED: no image came. Is the run that fills the ring receiving any?"
            }
        }
        let cut = "\(Quantity.images(cutOff)) \(cutOff == 1 ? "was" : "were") cut off by the end of the run"
        let expected = images.expected - min(images.expected, cutOff)
        if lost == 0 {
            let all = expected == 1 ? "the only image is" : "all \(Quantity.count(expected)) images are"
            return "ALL GOOD: \(all) complete" + (cutOff > 0 ? "; \(cut)." : ".")
        }
        return "LOSSES: \(Quantity.count(lost)) of \(Quantity.images(expected)) \(lost == 1 ? "is" : "are") not complete"
            + (cutOff > 0 ? "; besides, \(cut)." : ".")
    }

    /// Images that are not complete and might have been.
    private var lost: UInt64 {
        let images = ledger.images
        return images.expected - min(images.expected, images.complete + cutOff)
    }

    private var isGood: Bool { ledger.images.expected > 0 && lost == 0 }

    private var imageRows: [String] {
        let images = ledger.images
        var rows = ["", row("images expected", images.expected, total: nil, images.segments > 1 ? segments : "first to last id")]
        rows.append(row("  complete", images.complete, total: images.expected, ""))
        if images.partial > 0 {
            let packets = "\(Quantity.of(images.missingPackets, "packet")) \(images.missingPackets == 1 ? "is" : "are")"
            let them = images.partial == 1 ? "it" : "them"
            rows.append(
                row(
                    "  incomplete", images.partial, total: images.expected,
                    unit == .message
                        ? "delivered, but the sender says that something is missing in \(them)"
                        : "delivered, but \(packets) missing in \(them)"))
        }
        if images.missing > 0 {
            let remark =
                switch unit {
                case .packet: "not one packet of them arrived"
                case .message: "lost on the way, or taken by another client"
                case .image: "the other host did not send them"
                case .sharedImage: "they were never in the ring"
                }
            rows.append(row("  never seen", images.missing, total: images.expected, remark))
        }
        for reason in ImageDropReason.allCases { append(images.dropped, reason, "  dropped", images.expected, to: &rows) }
        return rows
    }

    private var packetRows: [String] {
        let packets = ledger.packets
        let all = packets.received
        var rows = ["", row("\(unit)s received", all, total: nil, "")]
        rows.append(row("  placed", packets.placed, total: all, "became pixels"))
        if packets.duplicate > 0 { rows.append(row("  duplicate", packets.duplicate, total: all, "came twice; harmless")) }
        if packets.late > 0 {
            rows.append(
                row(
                    "  late", packets.late, total: all,
                    unit == .packet
                        ? "their image was closed already: sync_timeout or window too small?"
                        : "later images had been passed on: receive.window too small?"))
        }
        for reason in MalformedReason.allCases { append(packets.malformed, reason, "  malformed", all, to: &rows) }
        for reason in ForeignReason.allCases { append(packets.foreign, reason, "  foreign", all, to: &rows) }
        for reason in DiscardReason.allCases { append(packets.discarded, reason, "  discarded", all, to: &rows) }
        if packets.held > 0 {
            rows.append(row("  undecided", packets.held, total: all, "waiting to see whether the counter jumped"))
        }
        if packets.kernelDropped > 0 {
            rows.append(
                row("lost in this host", packets.kernelDropped, total: nil, "a socket's buffer was full: raise net.core.rmem_max")
            )
        }
        if packets.positionChanged > 0 {
            rows.append(
                row("moved", packets.positionChanged, total: nil, "header row or column changed on a port; cables swapped?"))
        }
        return rows
    }

    private var balance: String {
        if let imbalance = ledger.imbalance {
            return "\nTHE COUNTS DO NOT ADD UP (\(imbalance)): please report this as a defect."
        }
        return "\nEvery \(countsImagesOnly ? "" : "\(unit) and every ")image is accounted for."
    }

    private var segments: String { "in \(ledger.images.segments) segments: the detector's counter started again" }

    private func append<Reason: LedgerReason>(
        _ counts: [Reason: UInt64], _ reason: Reason, _ label: String, _ total: UInt64, to rows: inout [String]
    ) {
        guard let count = counts[reason], count > 0 else { return }
        rows.append(row(label, count, total: total, reason.words))
    }

    private func row(_ label: String, _ count: UInt64, total: UInt64?, _ remark: String) -> String {
        let share = total.map { Quantity.percent(count, of: $0) } ?? ""
        let line = Quantity.left(label, 18) + Quantity.right(Quantity.count(count), 15) + Quantity.right(share, 11)
        return remark.isEmpty ? Quantity.trimmed(line) : line + "   " + remark
    }
}
