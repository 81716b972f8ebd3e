/// The counts of ``PacketLedger`` as plain numbers, for the thread that receives.
struct PacketCounters: Sendable {
    var received: UInt64 = 0
    var placed: UInt64 = 0
    var duplicate: UInt64 = 0
    var late: UInt64 = 0
    var malformed = InlineArray<7, UInt64>(repeating: 0)
    var foreign = InlineArray<6, UInt64>(repeating: 0)
    var noFreeSlot: UInt64 = 0
    var unconfirmedJump: UInt64 = 0
    var unplaced: UInt64 = 0
    var held: UInt64 = 0
    var positionChanged: UInt64 = 0

    /// The counts as a ledger; counts of 0 have no entry in its tables.
    var ledger: PacketLedger {
        var ledger = PacketLedger()
        ledger.received = received
        ledger.placed = placed
        ledger.duplicate = duplicate
        ledger.late = late
        for reason in MalformedReason.allCases where malformed[reason.rawValue] > 0 {
            ledger.malformed[reason] = malformed[reason.rawValue]
        }
        for reason in ForeignReason.allCases where foreign[reason.rawValue] > 0 {
            ledger.foreign[reason] = foreign[reason.rawValue]
        }
        let discarded: [(DiscardReason, UInt64)] = [
            (.noFreeSlot, noFreeSlot), (.unconfirmedJump, unconfirmedJump), (.unplaced, unplaced),
        ]
        for (reason, count) in discarded where count > 0 { ledger.discarded[reason] = count }
        ledger.held = held
        ledger.positionChanged = positionChanged
        return ledger
    }
}
