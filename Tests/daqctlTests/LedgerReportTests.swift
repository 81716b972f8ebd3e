import DAQCore
import Testing

@testable import daqctl

/// What people and machines are told about losses.
struct LedgerReportTests {
    private var perfect: ReceiveLedger {
        var ledger = ReceiveLedger()
        ledger.packets.received = 256_000
        ledger.packets.placed = 256_000
        ledger.images.expected = 1000
        ledger.images.complete = 1000
        ledger.images.segments = 1
        return ledger
    }

    private var lossy: ReceiveLedger {
        var ledger = perfect
        ledger.packets.received = 255_800
        ledger.packets.placed = 255_700
        ledger.packets.duplicate = 60
        ledger.packets.late = 10
        ledger.packets.malformed = [.version: 20]
        ledger.packets.discarded = [.noFreeSlot: 10]
        ledger.packets.kernelDropped = 7
        ledger.images.complete = 996
        ledger.images.partial = 2
        ledger.images.missingPackets = 33
        ledger.images.missing = 1
        ledger.images.dropped = [.noFreeSlot: 1]
        return ledger
    }

    @Test func aPerfectRunIsSaidInTheFirstLineAndListsNoLosses() {
        let text = LedgerTable(ledger: perfect).description
        #expect(text.hasPrefix("ALL GOOD: all 1,000 images are complete.\n"))
        #expect(text.hasSuffix("Every packet and every image is accounted for.\n"))
        #expect(!text.contains("lost") && !text.contains("late") && !text.contains("dropped"))
    }

    @Test func everyLossIsListedWithItsReason() {
        let lines = LedgerTable(ledger: lossy).description.split(separator: "\n")
        #expect(lines.first == "LOSSES: 4 of 1,000 images are not complete.")
        for (label, count, remark) in [
            ("incomplete", "2", "33 packets are missing"), ("never seen", "1", "not one packet"),
            ("dropped", "1", "no memory was free"),
            ("duplicate", "60", "harmless"), ("late", "10", "closed already"), ("malformed", "20", "header version"),
            ("discarded", "10", "no memory"), ("lost in this host", "7", "net.core.rmem_max"),
        ] {
            let line = lines.first { $0.contains("\(label) ") && $0.contains(" \(count) ") && $0.contains(remark) }
            #expect(line != nil, "no line says that \(count) were \(label): \(remark)")
        }
    }

    @Test func nothingReceivedIsSaidAsSuch() {
        #expect(LedgerTable(ledger: ReceiveLedger()).verdict.hasPrefix("NOTHING RECEIVED"))
        var ledger = ReceiveLedger()
        ledger.packets.received = 5
        ledger.packets.malformed = [.length: 5]
        #expect(LedgerTable(ledger: ledger).verdict.hasPrefix("NO IMAGES"))
    }

    @Test func countsThatDoNotAddUpAreShouted() {
        var ledger = perfect
        ledger.packets.placed -= 1
        #expect(LedgerTable(ledger: ledger).description.contains("THE COUNTS DO NOT ADD UP (datagrams: received 256000"))
        #expect(ledger.json["balanced"] == .flag(false))
    }

    @Test func jsonHasEveryKeyAlsoWhenItIsZero() {
        let zero =
            #"{"balanced":true,"imbalance":null,"images":{"expected":0,"complete":0,"partial":0,"missing":0,"#
            + #""dropped":{"no_free_slot":0,"slot_leased":0,"overwritten":0,"no_pixels":0,"incomplete":0,"not_forwarded":0},"missing_packets":0,"segments":0},"#
            + #""packets":{"received":0,"placed":0,"duplicate":0,"late":0,"malformed":{"length":0,"version":0,"packet_number":0,"bunch_id":0,"#
            + #""parts":0,"header":0,"payload":0},"#
            + #""foreign":{"detector_type":0,"position":0,"stream":0,"format":0,"channel":0,"encoding":0},"#
            + #""discarded":{"no_free_slot":0,"unconfirmed_jump":0,"unplaced":0,"overwritten":0,"no_pixels":0},"#
            + #""held":0,"kernel_dropped":0,"position_changed":0}}"#
        #expect(ReceiveLedger().json.line == zero + "\n")
    }

    @Test func jsonCarriesTheCounts() {
        let json = lossy.json
        #expect(json["images"]?["dropped"]?["no_free_slot"] == .unsigned(1))
        #expect(json["packets"]?["malformed"]?["version"] == .unsigned(20))
        #expect(json["packets"]?["kernel_dropped"] == .unsigned(7))
    }

    @Test func imagesThatDidNotGetThereAreTheFirstLine() {
        var summary = RunSummary(ledger: perfect, seconds: 10, imageBytes: 2)
        summary.accounts = [
            .init(name: "forward", offered: 1000, stored: 0, dropped: ["notConfirmed": 1000], farEnd: "tcp://far:9100")
        ]
        #expect(summary.text.hasPrefix("NOT SENT: 0 of 1,000 images were confirmed by tcp://far:9100.\n"))
        #expect(!summary.text.contains("ALL GOOD") && summary.failure?.contains("tcp://far:9100") == true)
        summary.accounts = [.init(name: "hdf5", offered: 1000, stored: 990, dropped: ["failed": 10])]
        #expect(summary.text.hasPrefix("NOT STORED: 10 of 1,000 images were not stored by hdf5.\n"))
        // What a viewer has missed is no loss.
        summary.accounts = [.init(name: "array-1.0", offered: 1000, stored: 990, dropped: ["slowClients": 10], missed: 10)]
        #expect(summary.text.hasPrefix("ALL GOOD") && summary.failure == nil)
        // Both are said.
        summary = RunSummary(ledger: lossy, seconds: 10, imageBytes: 2)
        summary.accounts = [.init(name: "hdf5", offered: 998, stored: 0, dropped: ["failed": 998])]
        #expect(summary.text.hasPrefix("NOT STORED: 998 of 998 images were not stored by hdf5.\nLOSSES: 4 of 1,000 images are"))
    }

    @Test func whatTheEndCutOffIsNoLoss() {
        var ledger = perfect
        ledger.images.complete = 999
        ledger.images.partial = 1
        let table = LedgerTable(ledger: ledger, cutOff: 1)
        #expect(table.verdict == "ALL GOOD: all 999 images are complete; 1 image was cut off by the end of the run.")
        ledger.images.complete = 998
        ledger.images.partial = 2
        #expect(
            LedgerTable(ledger: ledger, cutOff: 1).verdict
                == "LOSSES: 1 of 999 images is not complete; besides, 1 image was cut off by the end of the run.")
    }

    @Test func aRunIsLosslessOnlyIfEverySinkStoredEverything() {
        var summary = RunSummary(ledger: perfect, seconds: 10, imageBytes: 2_097_152)
        #expect(summary.isLossless && summary.rate == 100)
        summary.accounts = [.init(name: "file", offered: 1000, stored: 1000)]
        #expect(summary.isLossless)
        summary.accounts = [.init(name: "file", offered: 1000, stored: 990, dropped: ["disk full": 10], failure: "no space left")]
        #expect(!summary.isLossless)
        #expect(
            summary.text.contains(
                "file: stored 990 of 1,000 images\n  not stored: 10 (disk full)\n  STOPPED EARLY: no space left"))
        #expect(
            summary.json["sinks"] == [
                [
                    "name": "file", "offered": .unsigned(1000), "stored": .unsigned(990), "skipped": [:],
                    "dropped": ["disk full": .unsigned(10)], "failure": "no space left",
                ]
            ])
        summary.accounts = [.init(name: "file", offered: 1000, stored: 999)]
        #expect(!summary.isLossless && summary.text.contains("DO NOT ADD UP"))
        summary = RunSummary(ledger: lossy, seconds: 10, imageBytes: 1)
        #expect(!summary.isLossless)
    }
}
