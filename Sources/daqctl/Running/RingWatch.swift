import DAQBuffer
import DAQCore
import Glibc

/// A line a second about a ring, also when another run takes its place.
struct RingWatch {
    let name: String
    let reporter: Reporter
    let duration: Double?

    /// Watches until Ctrl-C, or until the time is over.
    func run(_ stop: StopRequest) throws {
        var reader = try ImageRingReader(attachingTo: name)
        let clock = MonotonicClock()
        var (published, since, lines) = (reader.published, clock.seconds, 0)
        var shown = RingCondition.running
        while !stop.isAsked, clock.seconds < duration ?? .infinity {
            pause(until: min(since + 1, duration ?? .infinity), clock, stop)
            if reader.condition != shown {
                shown = reader.condition
                reporter.note("\(name): \(RingReport.words(reader))")
            }
            if shown == .ended || shown == .replaced, let next = try? ImageRingReader(attachingTo: name) {
                (reader, published, shown) = (next, 0, .running)
            }
            let (now, count) = (clock.seconds, reader.published)
            guard now > since else { continue }
            let rate = Double(count &- min(published, count)) / (now - since)
            (published, since, lines) = (count, now, lines + 1)
            reporter.result("ring", RingReport.json(reader), text: line(reader, rate: rate))
        }
        reporter.result("summary", ["lines": .integer(Int64(lines))], text: "")
    }

    private func line(_ reader: ImageRingReader, rate: Double) -> String {
        let newest = reader.newest.map { "image \($0.metadata.id)" } ?? "no image yet"
        return "\(newest), \(Quantity.decimal(rate, digits: 1)) Hz, published \(Quantity.count(reader.published)), "
            + "no slot for \(Quantity.count(reader.refused)), held by readers \(reader.leasedSlots) of \(reader.slotCount)\n"
    }

    private func pause(until end: Double, _ clock: MonotonicClock, _ stop: StopRequest) {
        while !stop.isAsked, clock.seconds < end { usleep(20_000) }
    }
}
