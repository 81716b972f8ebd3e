import DAQCore

extension ReceiveLedger {
    /// The ledger for machines.
    ///
    /// Every key is always there, also with 0, and keeps its name for good.
    var json: JSONValue {
        [
            "balanced": .flag(imbalance == nil),
            "imbalance": imbalance.map { .string($0) } ?? .null,
            "images": images.json,
            "packets": packets.json,
        ]
    }
}

extension ImageLedger {
    /// Images for machines.
    var json: JSONValue {
        [
            "expected": .unsigned(expected), "complete": .unsigned(complete), "partial": .unsigned(partial),
            "missing": .unsigned(missing), "dropped": Self.json(dropped), "missing_packets": .unsigned(missingPackets),
            "segments": .unsigned(segments),
        ]
    }

    fileprivate static func json<Reason: LedgerReason>(_ counts: [Reason: UInt64]) -> JSONValue {
        .object(Reason.allCases.map { JSONValue.Member(key: $0.key, value: .unsigned(counts[$0] ?? 0)) })
    }
}

extension PacketLedger {
    /// Packets for machines.
    var json: JSONValue {
        [
            "received": .unsigned(received), "placed": .unsigned(placed), "duplicate": .unsigned(duplicate),
            "late": .unsigned(late), "malformed": ImageLedger.json(malformed), "foreign": ImageLedger.json(foreign),
            "discarded": ImageLedger.json(discarded), "held": .unsigned(held),
            "kernel_dropped": .unsigned(kernelDropped), "position_changed": .unsigned(positionChanged),
        ]
    }
}
