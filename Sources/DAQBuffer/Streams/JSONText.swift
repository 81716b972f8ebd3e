/// JSON that is written straight into bytes; nothing is allocated once they have room.
extension [UInt8] {
    /// Appends characters as they are: keys, brackets and the like.
    mutating func append(json text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends a number.
    mutating func append(json number: some BinaryInteger) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let first = count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest != 0
        self[first...].reverse()
    }

    /// Appends a number; `null` for what JSON has no number for.
    mutating func append(json number: Double) {
        if number.isFinite { append(contentsOf: number.description.utf8) } else { append(json: "null") }
    }

    /// Appends `true` or `false`.
    mutating func append(json flag: Bool) { append(json: flag ? "true" : "false") }

    /// Appends a text in quotes.
    mutating func append(jsonText text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                let digits: StaticString = "0123456789abcdef"
                append(json: "\\u00")
                digits.withUTF8Buffer { digits in
                    append(digits[Int(byte >> 4)])
                    append(digits[Int(byte & 15)])
                }
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
