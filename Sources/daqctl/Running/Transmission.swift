import DAQSimulator

/// What simulate and replay have in common: they send packets until all are sent or Ctrl-C, and say what they did.
struct Transmission {
    let reporter: Reporter
    let total: Int?

    /// Sends, with progress, and shows the summary.
    func run(
        _ send: (_ stop: StopFlag, _ progress: (SenderStatistics) -> Void) throws -> TransmissionReport
    ) throws {
        let flag = StopFlag()
        let stop = try StopRequest()
        stop.onStop { flag.stop() }
        let clock = MonotonicClock()
        let report = try send(flag) { statistics in
            var sample = ProgressMeter.Sample()
            sample.images = UInt64(statistics.images)
            sample.total = total.map { UInt64($0) }
            sample.bytes = UInt64(statistics.bytes)
            reporter.progress(sample, at: clock.seconds)
        }
        reporter.result("summary", json(report), text: text(report))
        if report.sender.failed > 0 {
            throw RunFailure(reason: "\(report.sender.failed) packets could not be sent (error \(report.sender.lastError))")
        }
    }

    private func json(_ report: TransmissionReport) -> JSONValue {
        let (sender, faults) = (report.sender, report.faults)
        let kinds = Corruption.Kind.allCases.map {
            JSONValue.Member(key: $0.rawValue, value: .integer(Int64(faults.corrupted[$0] ?? 0)))
        }
        return [
            "images": .integer(Int64(sender.images)), "packets": .integer(Int64(sender.packets)),
            "bytes": .integer(Int64(sender.bytes)), "seconds": .number(Quantity.rounded(Double(report.nanoseconds) / 1e9)),
            "rate": .number(Quantity.rounded(report.imagesPerSecond)), "late_images": .integer(Int64(sender.lateImages)),
            "failed": .integer(Int64(sender.failed)), "refused": .integer(Int64(sender.refused)),
            "stopped": .flag(report.wasStopped),
            "faults": [
                "lost": .integer(Int64(faults.lost)), "dropped": .integer(Int64(faults.dropped)),
                "duplicated": .integer(Int64(faults.duplicated)), "delayed": .integer(Int64(faults.delayed)),
                "corrupted": .object(kinds),
                "lost_packets": .array(faults.lostPackets.map { .string("\($0)") }),
                "corrupted_packets": .array(
                    faults.corruptions.map { damage in
                        [
                            "packet": .string("\(damage.packet)"), "kind": .string(damage.kind.rawValue),
                            "offset": .integer(Int64(damage.offset)),
                        ]
                    }),
            ],
        ]
    }

    private func text(_ report: TransmissionReport) -> String {
        let (sender, faults) = (report.sender, report.faults)
        var text = "sent \(Quantity.images(UInt64(sender.images))): \(Quantity.of(UInt64(sender.packets), "packet")), "
        text += "\(Quantity.bytes(UInt64(sender.bytes))) in \(Quantity.time(Double(report.nanoseconds) / 1e9))"
        text += " (\(Quantity.decimal(report.imagesPerSecond, digits: 1)) Hz)\n"
        if sender.lateImages > 0 { text += "  sent late: \(sender.lateImages), since this host was too busy for the rate\n" }
        if sender.refused > 0 { text += "  somebody refused packets \(sender.refused) times: nobody listens at some port\n" }
        let corrupted = faults.corrupted.values.reduce(0, +)
        if faults.lost + faults.dropped + faults.duplicated + faults.delayed + corrupted > 0 {
            text += "faults on purpose: \(faults.lost) lost, \(faults.dropped) dropped by name, \(faults.duplicated) doubled, "
            text += "\(faults.delayed) delayed, \(corrupted) spoilt\n"
        }
        return text
    }
}
