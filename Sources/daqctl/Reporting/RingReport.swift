import DAQBuffer
import DAQCore

/// What there is to say about rings and their images.
enum RingReport {
    /// Lists rings; those that cannot be opened with the reason.
    static func list(_ names: [String], _ reporter: Reporter) {
        var lines = ""
        for name in names {
            do {
                let reader = try ImageRingReader(attachingTo: name)
                lines += line(reader)
                reporter.result("ring", json(reader), text: "")
            } catch {
                lines += "\(name): \(error)\n"
                reporter.result("ring", ["name": .string(name), "problem": .string("\(error)")], text: "")
            }
        }
        if names.isEmpty { lines = "no rings; daqctl run makes one\n" }
        reporter.result("summary", ["rings": .integer(Int64(names.count))], text: lines)
    }

    private static func line(_ reader: ImageRingReader) -> String {
        let bytes = UInt64(reader.slotCount * reader.format.bytes)
        let newest = reader.newest.map { "newest id \($0.metadata.id)" } ?? "no image yet"
        return "\(reader.name): \(shape(reader.format)), \(reader.slotCount) slots, \(Quantity.bytes(bytes)); \(newest); "
            + words(reader) + "\n"
    }

    /// Who fills the ring.
    static func words(_ reader: ImageRingReader) -> String {
        switch reader.condition {
        case .running: "filled by process \(reader.ownerPID)"
        case .ended: "its run has ended"
        case .orphaned: "its run has died (daqctl ring remove \(reader.name) frees the memory)"
        case .replaced: "another run has replaced it"
        }
    }

    private static func shape(_ format: ImageFormat) -> String {
        "\(format.width) x \(format.height) \(format.pixelType.rawValue)"
    }

    /// A ring for programs.
    static func json(_ reader: ImageRingReader) -> JSONValue {
        [
            "name": .string(reader.name), "condition": .string("\(reader.condition)"),
            "owner_pid": .integer(Int64(clamping: reader.ownerPID)), "epoch": .integer(Int64(clamping: reader.epoch)),
            "width": .integer(Int64(reader.format.width)), "height": .integer(Int64(reader.format.height)),
            "type": .string(reader.format.pixelType.rawValue), "layout": .string(reader.layout.rawValue),
            "slots": .integer(Int64(reader.slotCount)), "leased": .integer(Int64(reader.leasedSlots)),
            "published": .integer(Int64(clamping: reader.published)), "refused": .integer(Int64(clamping: reader.refused)),
            "newest": reader.newest.map { .integer(Int64(clamping: $0.metadata.id)) } ?? .null,
        ]
    }

    /// An image for people.
    static func text(_ entry: RingEntry) -> String {
        let metadata = entry.metadata
        let status = metadata.status == .good ? "complete" : "\(entry.missingPackets) packets missing"
        return "image \(metadata.id) of segment \(metadata.segment), pulse \(metadata.pulseID), \(status)\n"
    }

    /// An image for programs.
    static func json(_ entry: RingEntry, picture: String? = nil) -> JSONValue {
        [
            "id": .integer(Int64(clamping: entry.metadata.id)), "segment": .integer(Int64(entry.metadata.segment)),
            "pulse_id": .integer(Int64(clamping: entry.metadata.pulseID)), "slot": .integer(Int64(entry.slot)),
            "generation": .integer(Int64(clamping: entry.generation)),
            "missing_packets": .integer(Int64(entry.missingPackets)),
            "picture": picture.map { .string($0) } ?? .null,
        ]
    }
}
