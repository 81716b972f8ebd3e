import DAQCore

/// How files are going to be written, for people and for machines.
struct WriterSummary {
    private let writer: WriterConfiguration

    init(_ writer: WriterConfiguration) { self.writer = writer }

    /// One line.
    var text: String {
        var words = [writer.format.rawValue, writer.mode.rawValue]
        if writer.compression != .none { words.append(writer.compression.rawValue) }
        if writer.bypassesPageCache { words.append("direct I/O") }
        if let images = writer.imagesPerFile { words.append("\(Quantity.count(UInt64(images))) images a file") }
        if let bytes = writer.bytesPerFile { words.append("\(Quantity.bytes(UInt64(bytes))) a file") }
        let owner = [writer.owner, writer.group, writer.permissions].compactMap { $0 }
        if !owner.isEmpty { words.append("given to \(owner.joined(separator: " "))") }
        if !writer.roots.isEmpty { words.append("below \(writer.roots.joined(separator: " or "))") }
        return words.joined(separator: ", ")
    }

    /// The group `writer` of a document that says everything.
    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return [
            "format": .string(writer.format.rawValue), "file_mode": .string(writer.mode.rawValue),
            "compression": .string(writer.compression.rawValue), "images_per_file": number(writer.imagesPerFile),
            "bytes_per_file": number(writer.bytesPerFile), "seconds_per_file": .number(writer.secondsPerFile),
            "direct_io": .flag(writer.bypassesPageCache), "roots": .array(writer.roots.map { .string($0) }),
            "owner": text(writer.owner), "group": text(writer.group), "permissions": text(writer.permissions),
        ]
    }
}
