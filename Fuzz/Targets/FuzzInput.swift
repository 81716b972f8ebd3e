/// The bytes of an input, taken one after the other as small decisions; zeros follow the last one.
struct FuzzInput {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    /// A number below `limit`, which is at most 256.
    mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

    /// A little-endian number.
    mutating func word() -> UInt64 {
        var word: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { word |= UInt64(byte()) << shift }
        return word
    }

    /// The next bytes; fewer when there are not so many.
    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        let start = min(position, bytes.count)
        position = min(start + count, bytes.count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// What has not been taken.
    mutating func rest() -> UnsafeRawBufferPointer {
        defer { position = bytes.count }
        return UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...])
    }
}
