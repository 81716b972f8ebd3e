/// Decides when progress is worth a line, and what the line says.
///
/// It has no clock: whoever calls it tells the time.
struct ProgressMeter: Sendable {
    /// The state of a long operation.
    struct Sample: Sendable, Equatable {
        /// Images so far.
        var images: UInt64 = 0
        /// How many there will be, if that is known.
        var total: UInt64?
        /// Images that have come, when ``images`` are those that are on the disk already; rates are theirs then.
        var received: UInt64?
        /// Bytes of images so far.
        var bytes: UInt64 = 0
        /// Images that are incomplete, missing or dropped.
        var lostImages: UInt64 = 0
        /// Packets that are missing in images, or that this host dropped.
        var lostPackets: UInt64 = 0
        /// Images that clients, who may miss some, did not get.
        var unsent: UInt64 = 0
        /// Whether anything has arrived.
        var hasBegun = true
    }

    private let interval: Double
    private let start: Double
    private var last: (time: Double, sample: Sample)

    /// A meter that begins now.
    ///
    /// - Parameters:
    ///   - isTerminal: whether a line is rewritten, 5 times a second, or a new one is added every 5 seconds.
    ///   - time: seconds since any fixed moment, as in all later calls.
    init(isTerminal: Bool, startingAt time: Double) {
        interval = isTerminal ? 0.2 : 5
        start = time
        last = (time, Sample())
    }

    /// A line, when one is due; rates are those since the last line.
    mutating func line(for sample: Sample, at time: Double) -> String? {
        guard time - last.time >= interval else { return nil }
        defer { last = (time, sample) }
        let elapsed = time - last.time
        let images = Double(sample.received ?? sample.images) - Double(last.sample.received ?? last.sample.images)
        let bytes = Double(sample.bytes) - Double(last.sample.bytes)
        let total = sample.total.map { " of \(Quantity.count($0))" } ?? ""
        let received = sample.received.map { " on the disk, \(Quantity.count($0)) received" } ?? ""
        var fields = ["\(Quantity.count(sample.images))\(total) images\(received)"]
        fields.append("\(Quantity.decimal(images / elapsed, digits: 1)) Hz")
        fields.append("\(Quantity.decimal(bytes / elapsed / 1e6, digits: 1)) MB/s")
        fields.append(Self.losses(sample))
        fields.append(Quantity.time(time - start))
        return fields.joined(separator: "  ")
    }

    private static func losses(_ sample: Sample) -> String {
        guard sample.hasBegun else { return "nothing has arrived yet" }
        let unsent = sample.unsent > 0 ? "not sent: \(Quantity.images(sample.unsent))" : nil
        guard sample.lostImages > 0 || sample.lostPackets > 0 else { return unsent ?? "no losses" }
        return "LOST: \(Quantity.images(sample.lostImages)), \(Quantity.of(sample.lostPackets, "packet"))"
            + (unsent.map { ", \($0)" } ?? "")
    }
}

extension ProgressMeter.Sample {
    /// So many images of a file.
    init(reading done: Int, of total: Int, bytesPerImage: Int) {
        self.init(images: UInt64(done), total: UInt64(total), bytes: UInt64(done) * UInt64(bytesPerImage))
    }
}
