/// CBOR (RFC 8949) that is written straight into bytes: shortest heads and definite lengths, so that the same values always
/// are the same bytes.
extension [UInt8] {
    /// Appends the head of an item.
    private mutating func append(cborHead major: UInt8, _ argument: UInt64) {
        let kind = major << 5
        switch argument {
        case ..<24: append(kind | UInt8(argument))
        case ..<0x100: append(kind | 24, argument, bytes: 1)
        case ..<0x1_0000: append(kind | 25, argument, bytes: 2)
        case ..<0x1_0000_0000: append(kind | 26, argument, bytes: 4)
        default: append(kind | 27, argument, bytes: 8)
        }
    }

    private mutating func append(_ head: UInt8, _ number: UInt64, bytes: Int) {
        append(head)
        for index in (0..<bytes).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))) }
    }

    /// Appends a whole number.
    mutating func append(cbor number: some BinaryInteger) {
        if number >= 0 {
            append(cborHead: 0, UInt64(number))
        } else {
            append(cborHead: 1, UInt64(-1 - number))
        }
    }

    /// Appends a number of 64 bits; half and single precision are not used.
    mutating func append(cbor number: Double) { append(0xFB, number.bitPattern, bytes: 8) }

    /// Appends `true` or `false`.
    mutating func append(cbor flag: Bool) { append(flag ? 0xF5 : 0xF4) }

    /// Appends a text.
    mutating func append(cbor text: String) {
        append(cborHead: 3, UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends the head of a byte string; that many bytes must follow.
    mutating func append(cborBytes count: Int) { append(cborHead: 2, UInt64(count)) }

    /// Appends the head of an array; that many items must follow.
    mutating func append(cborArray count: Int) { append(cborHead: 4, UInt64(count)) }

    /// Appends the head of a map; that many pairs of a key and a value must follow.
    mutating func append(cborMap count: Int) { append(cborHead: 5, UInt64(count)) }

    /// Appends a tag; the item it belongs to must follow.
    mutating func append(cborTag tag: UInt64) { append(cborHead: 6, tag) }
}
