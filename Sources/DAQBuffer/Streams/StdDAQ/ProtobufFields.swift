/// Writing and reading protobuf messages, as far as std-daq's need it: numbers, and messages in messages.
///
/// Source: the encoding of Protocol Buffers, version 3.
extension [UInt8] {
    /// Appends a number of seven bits a byte.
    mutating func append(varint number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Appends a number field; nothing for 0, as proto3 has it.
    mutating func append(field: Int, _ number: UInt64) {
        guard number != 0 else { return }
        append(varint: UInt64(field) << 3)
        append(varint: number)
    }

    /// Appends a field with bytes.
    mutating func append(field: Int, bytes: some Collection<UInt8>) {
        append(varint: UInt64(field) << 3 | 2)
        append(varint: UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}

/// Reads the fields of a message one after the other, and never beyond its end.
struct ProtobufReader {
    /// What a field holds.
    enum Value: Equatable {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// Four or eight bytes, which no known field has.
        case fixed
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; `nil` at the end.
    mutating func next() throws(StdDAQError) -> (field: UInt64, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        guard key >> 3 != 0 else { throw .malformed("a field has the number 0") }
        switch key & 7 {
        case 0: return (key >> 3, .number(try varint()))
        case 1: return (key >> 3, try fixed(8))
        case 2:
            let count = try varint()
            guard count <= UInt64(rest.count) else { throw .malformed("a field is longer than the message") }
            defer { rest = rest.dropFirst(Int(count)) }
            return (key >> 3, .bytes(rest.prefix(Int(count))))
        case 5: return (key >> 3, try fixed(4))
        default: throw .malformed("a field has the unknown wire type \(key & 7)")
        }
    }

    private mutating func fixed(_ count: Int) throws(StdDAQError) -> Value {
        guard rest.count >= count else { throw .malformed("a field is longer than the message") }
        rest = rest.dropFirst(count)
        return .fixed
    }

    private mutating func varint() throws(StdDAQError) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw .malformed("the message ends inside a number") }
            guard shift < 63 || byte <= 1 else { break }
            number |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return number }
        }
        throw .malformed("a number has more than 64 bits")
    }
}
