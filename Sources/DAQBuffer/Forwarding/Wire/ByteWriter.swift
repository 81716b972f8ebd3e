/// Appends numbers and texts, little-endian, to bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a text with its length; what is longer than 65,535 bytes loses its end.
    mutating func write(_ text: String) {
        let utf8 = Array(text.utf8)
        var count = min(utf8.count, Int(UInt16.max))
        // A character is not cut in two.
        while count < utf8.count, count > 0, utf8[count] & 0xC0 == 0x80 { count -= 1 }
        write(UInt16(count))
        bytes.append(contentsOf: utf8[..<count])
    }
}
