import DAQBuffer
import DAQCore
import DAQWriter

/// The end of a run in one value: for people a table, for machines an object.
struct RunSummary: Sendable {
    /// What became of packets and images.
    var ledger: ReceiveLedger
    /// Seconds from the first to the last packet, or the time the run took.
    var seconds: Double
    /// What the images arrived as.
    var unit = LedgerTable.Unit.packet
    /// Bytes of one image.
    var imageBytes: Int
    /// What stages and sinks made of the published images.
    var accounts: [Account] = []
    /// Files that the run wrote.
    var files: [String] = []
    /// The write session that one of them is of.
    var session: SessionStatus?
    /// What is known of published images that lack packets.
    var incomplete: IncompleteImages?
    /// Where the images came from, when it was another host.
    var forwarded: ForwardedSource? { didSet { if forwarded != nil { unit = .image } } }

    /// What one consumer of images did: offered = stored + skipped + dropped.
    struct Account: Sendable, Equatable {
        var name: String
        var offered: UInt64
        var stored: UInt64
        /// Images it was not meant to store, by reason.
        var skipped: [String: UInt64] = [:]
        /// Images given up, by reason.
        var dropped: [String: UInt64] = [:]
        /// Those of them that are no loss of the run, since only watchers have missed them.
        var missed: UInt64 = 0
        /// Why it stopped before the end.
        var failure: String?
        /// The address it sends to, when that is another host.
        var farEnd: String?

        /// Images that should have been stored and were not.
        var lost: UInt64 { dropped.values.reduce(0, +) - missed }

        /// What does not add up; `nil` when the sum is right.
        var imbalance: String? {
            let sum = stored + skipped.values.reduce(0, +) + dropped.values.reduce(0, +)
            return sum == offered ? nil : "\(name): \(offered) images offered, \(sum) accounted for"
        }
    }

    /// The summary of a pipeline's run.
    init(_ ledger: PipelineLedger, of detector: DetectorConfiguration, files: [String] = [], session: SessionStatus? = nil) {
        self.init(
            ledger: ledger.receive, seconds: ledger.receive.images.seconds, imageBytes: detector.imageFormat.bytes,
            accounts: ledger.sinks.map { Account($0, farEnd: detector.farEnd(ofSink: $0.name)) },
            files: files + [session?.path].compactMap { $0 })
        self.session = session
        if detector.source != nil { unit = .message }
    }

    /// A summary from its parts.
    init(ledger: ReceiveLedger, seconds: Double, imageBytes: Int, accounts: [Account] = [], files: [String] = []) {
        self.ledger = ledger
        self.seconds = seconds
        self.imageBytes = imageBytes
        self.accounts = accounts
        self.files = files
    }

    /// Published images a second.
    var rate: Double { seconds > 0 ? Double(ledger.images.published) / seconds : 0 }
    /// Bytes of published images.
    var bytes: UInt64 { ledger.images.published * UInt64(imageBytes) }

    /// Whether every expected image is complete and was stored by everyone who was to store it, and all counts add up.
    ///
    /// What watchers have missed is no loss of the run.
    var isLossless: Bool {
        ledger.imbalance == nil && ledger.images.complete == ledger.images.expected
            && accounts.allSatisfy { $0.imbalance == nil && $0.failure == nil && $0.lost == 0 }
    }

    /// Why not everything was stored that was to be; `nil` when it was.
    var failure: String? {
        accounts.lazy.compactMap(\.failure).first ?? session.flatMap { SessionSummary($0).failure }
            ?? accounts.first(where: \.isUnheard).map {
                "no image was confirmed by \($0.farEnd ?? $0.name): is daqctl run --from running there, and the address right?"
            }
    }

    /// What was received and did not get where it was to go: before everything else, since images alone may be all good.
    private var headlines: [String] {
        accounts.compactMap { account in
            let (stored, offered) = (Quantity.count(account.stored), Quantity.images(account.offered))
            if account.lost > 0 {
                return account.farEnd.map { "NOT SENT: \(stored) of \(offered) were confirmed by \($0)." }
                    ?? "NOT STORED: \(Quantity.count(account.lost)) of \(offered) were not stored by \(account.name)."
            }
            return account.failure.map { _ in "NOT DONE: \(account.name) has failed; the reason is below." }
        }
    }

    /// The members of the summary object.
    var json: JSONValue {
        let json: JSONValue = [
            "images": .unsigned(ledger.images.published), "seconds": .number(Quantity.rounded(seconds)),
            "rate": .number(Quantity.rounded(rate)), "bytes": .unsigned(bytes), "lossless": .flag(isLossless),
            "cut_off": .integer(Int64(incomplete?.cutOff ?? 0)), "silent_streams": incomplete?.silenceJSON ?? [],
            "files": .array(files.map { .string($0) }),
            "sessions": .array(session.map { [SessionSummary($0).json] } ?? []), "sinks": .array(accounts.map(\.json)),
            "incomplete_images": .array((incomplete?.entries ?? []).map(\.json)), "ledger": ledger.json,
        ]
        guard let forwarded, case .object(let members) = json else { return json }
        return .object(members + [JSONValue.Member(key: "source", value: forwarded.json)])
    }

    /// The summary for people, with the end of its last line.
    var text: String {
        let table = LedgerTable(
            ledger: ledger, unit: unit, headlines: headlines, cutOff: UInt64(incomplete?.cutOff ?? 0))
        var text = table.description
        text += "\n\(Quantity.images(ledger.images.published)) in \(Quantity.time(seconds))"
        text += " (\(Quantity.decimal(rate, digits: 1)) Hz, \(Quantity.bytes(bytes)))\n"
        if let incomplete {
            for line in incomplete.silenceLines + incomplete.lines(limit: 20) { text += "\(line)\n" }
        }
        if let remarks = forwarded?.text { text += "\(remarks)\n" }
        for account in accounts { text += account.text }
        for file in files {
            let flushed = session.flatMap { $0.path == file ? $0.progress.flushed : nil }
            text += "file: \(file)" + (flushed.map { ", \(Quantity.images($0)) on the disk" } ?? "") + "\n"
        }
        return text
    }
}

extension ImageLedger {
    /// Seconds the images took: one period more than lies between the first and the last.
    var seconds: Double {
        guard published > 1, lastReceivedAt > firstReceivedAt else { return 0 }
        let between = Double(lastReceivedAt - firstReceivedAt) / 1e9
        return between * Double(published) / Double(published - 1)
    }
}

extension RunSummary.Account {
    /// Whether another host was to get images, and has confirmed none.
    var isUnheard: Bool { farEnd != nil && stored == 0 && lost > 0 }

    /// The account of a sink.
    init(_ sink: SinkLedger, farEnd: String? = nil) {
        self.init(
            name: sink.name, offered: sink.offered, stored: sink.stored,
            skipped: Self.named(sink.skipped), dropped: Self.named(sink.dropped),
            missed: sink.mayMiss ? sink.dropped.values.reduce(0, +) : 0,
            failure: sink.failure, farEnd: farEnd)
    }

    private static func named<Reason: RawRepresentable<String>>(_ counts: [Reason: UInt64]) -> [String: UInt64] {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    }

    private static func json(_ counts: [String: UInt64]) -> JSONValue {
        .object(counts.sorted { $0.key < $1.key }.map { JSONValue.Member(key: $0.key, value: .unsigned($0.value)) })
    }

    var json: JSONValue {
        [
            "name": .string(name), "offered": .unsigned(offered), "stored": .unsigned(stored), "skipped": Self.json(skipped),
            "dropped": Self.json(dropped), "failure": failure.map { .string($0) } ?? .null,
        ]
    }

    var text: String {
        var text = "\(name): stored \(Quantity.count(stored)) of \(Quantity.images(offered))\n"
        for (reason, count) in skipped.sorted(by: { $0.key < $1.key }) {
            text += "  not wanted: \(Quantity.count(count)) (\(reason))\n"
        }
        for (reason, count) in dropped.sorted(by: { $0.key < $1.key }) {
            text += "  not stored: \(Quantity.count(count)) (\(reason))\n"
        }
        if let failure { text += "  STOPPED EARLY: \(failure)\n" }
        if let imbalance { text += "  THE COUNTS DO NOT ADD UP (\(imbalance)): please report this as a defect.\n" }
        return text
    }
}
