import DAQCore

/// Annotations as bytes: for each one its kind, the length of its name, the name, and the value.
///
/// An integer or number has 8 bytes, a flag one, a text two bytes of length and then UTF-8; numbers are little-endian.
struct AnnotationBlob {
    private enum Kind {
        static let integer: UInt8 = 1
        static let number: UInt8 = 2
        static let text: UInt8 = 3
        static let flag: UInt8 = 4
    }

    /// The annotations that fit, whole ones only.
    private(set) var bytes: [UInt8] = []
    /// How many fit.
    private(set) var count = 0
    /// Whether some did not fit.
    private(set) var isTruncated = false

    /// The first annotations that fit into `limit` bytes.
    init(_ annotations: [Annotation], limit: Int) {
        for annotation in annotations {
            guard let encoded = Self.encode(annotation), bytes.count + encoded.count <= limit else {
                isTruncated = true
                continue
            }
            bytes += encoded
            count += 1
        }
    }

    private static func encode(_ annotation: Annotation) -> [UInt8]? {
        let name = Array(annotation.name.utf8)
        guard name.count <= Int(UInt8.max) else { return nil }
        func head(_ kind: UInt8) -> [UInt8] { [kind, UInt8(name.count)] + name }
        switch annotation.value {
        case .integer(let value): return head(Kind.integer) + littleEndian(UInt64(bitPattern: value))
        case .number(let value): return head(Kind.number) + littleEndian(value.bitPattern)
        case .flag(let value): return head(Kind.flag) + [value ? 1 : 0]
        case .text(let value):
            let text = Array(value.utf8)
            guard let length = UInt16(exactly: text.count) else { return nil }
            return head(Kind.text) + [UInt8(truncatingIfNeeded: length), UInt8(length >> 8)] + text
        }
    }

    private static func littleEndian(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    /// The annotations in bytes that may be anything: what cannot be read ends the list.
    static func annotations(in bytes: [UInt8]) -> [Annotation] {
        var rest = bytes[...]
        var annotations: [Annotation] = []
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func word(_ count: Int) -> UInt64? { take(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        while let kind = take(1)?.first, let length = take(1)?.first, let name = take(Int(length)) {
            let value: Annotation.Value?
            switch kind {
            case Kind.integer: value = word(8).map { .integer(Int64(bitPattern: $0)) }
            case Kind.number: value = word(8).map { .number(Double(bitPattern: $0)) }
            case Kind.flag: value = word(1).map { .flag($0 != 0) }
            case Kind.text: value = word(2).flatMap { take(Int($0)) }.map { .text(String(decoding: $0, as: UTF8.self)) }
            default: value = nil
            }
            guard let value else { return annotations }
            annotations.append(Annotation(String(decoding: name, as: UTF8.self), value))
        }
        return annotations
    }
}
