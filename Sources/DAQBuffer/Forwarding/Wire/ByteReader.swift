/// Reads numbers and texts, little-endian, from bytes of unknown origin: nothing can be read after the first thing that is not
/// there.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Bytes that were not read yet.
    var remaining: Int { bytes.count - position }

    mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard remaining >= size else {
            position = bytes.count
            return nil
        }
        defer { position += size }
        return Number(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Number.self) })
    }

    /// Reads a text that people are shown: its first 200 characters, without any that could change what a terminal shows.
    mutating func readRemark() -> String? {
        guard let text = readText() else { return nil }
        var remark = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(200) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: remark.append("\u{FFFD}")
            default: remark.append(scalar)
            }
        }
        return String(remark)
    }

    /// Reads a text with its length before it; `nil` when it is not UTF-8.
    mutating func readText() -> String? {
        guard let count = read(UInt16.self), remaining >= count else { return nil }
        defer { position += Int(count) }
        return String(validating: bytes[position..<position + Int(count)], as: UTF8.self)
    }
}
