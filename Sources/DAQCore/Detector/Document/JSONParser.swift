/// Reads JSON (RFC 8259) and remembers where every value stands.
///
/// An own reader, because an error in a configuration should name its line, a key that is there twice must not be
/// swallowed (it would move a module), and numbers must keep their digits; the parsers at hand offer none of the three.
package struct JSONParser {
    /// Arrays and objects may be nested this deep.
    static let maximumDepth = 64

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a whole document.
    ///
    /// - Throws: a problem of kind `syntax`, at the first byte that does not fit.
    package static func parse(_ bytes: [UInt8]) throws(ConfigurationProblem) -> JSONNode {
        var parser = JSONParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.index = 3 }
        parser.skipWhitespace()
        let root = try parser.value(depth: 0)
        parser.skipWhitespace()
        guard parser.index == bytes.count else { throw parser.unexpected("the end of the document") }
        return root
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(ConfigurationProblem) -> JSONNode {
        guard depth <= Self.maximumDepth else { throw unexpected("no more than \(Self.maximumDepth) levels of nesting") }
        let origin = place
        let value: JSONValue
        switch peek {
        case UInt8(ascii: "{"): value = .object(try object(depth: depth))
        case UInt8(ascii: "["): value = .array(try array(depth: depth))
        case UInt8(ascii: "\""): value = .text(try string())
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): value = .number(try number())
        case UInt8(ascii: "t"): value = try word("true", .boolean(true))
        case UInt8(ascii: "f"): value = try word("false", .boolean(false))
        case UInt8(ascii: "n"): value = try word("null", .null)
        default: throw unexpected("a value")
        }
        return JSONNode(value: value, origin: .document(origin))
    }

    private mutating func object(depth: Int) throws(ConfigurationProblem) -> [JSONMember] {
        var members: [JSONMember] = []
        index += 1
        skipWhitespace()
        if take("}") { return members }
        repeat {
            skipWhitespace()
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try string()
            skipWhitespace()
            guard take(":") else { throw unexpected("a colon after the key \(key.debugDescription)") }
            skipWhitespace()
            members.append(JSONMember(key: key, node: try value(depth: depth + 1)))
            skipWhitespace()
        } while take(",")
        guard take("}") else { throw unexpected("a comma or }") }
        return members
    }

    private mutating func array(depth: Int) throws(ConfigurationProblem) -> [JSONNode] {
        var elements: [JSONNode] = []
        index += 1
        skipWhitespace()
        if take("]") { return elements }
        repeat {
            skipWhitespace()
            elements.append(try value(depth: depth + 1))
            skipWhitespace()
        } while take(",")
        guard take("]") else { throw unexpected("a comma or ]") }
        return elements
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(ConfigurationProblem) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw unexpected("a value") }
        index += word.utf8.count
        return value
    }

    private mutating func number() throws(ConfigurationProblem) -> String {
        let start = index
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func digits() throws(ConfigurationProblem) {
        let start = index
        while let byte = peek, Self.isDigit(byte) { index += 1 }
        guard index > start else { throw unexpected("a digit") }
    }

    // MARK: Strings

    private mutating func string() throws(ConfigurationProblem) -> String {
        let opening = place
        var text: [UInt8] = []
        index += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw .syntax(opening, expected: "text in UTF-8", found: "other bytes", hint: "save the file as UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                index += 1
                text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw unexpected("the closing quote of the text")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw unexpected("the closing quote of the text that began on line \(opening.line)")
    }

    private mutating func escape() throws(ConfigurationProblem) -> Unicode.Scalar {
        let escapes: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let byte = peek, let scalar = escapes[byte] {
            index += 1
            return scalar
        }
        guard take("u") else { throw unexpected("an escape such as \\n or \\u00e9") }
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code) {
            guard take("\\"), take("u") else { throw unexpected("the second half of a surrogate pair") }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw unexpected("the second half of a surrogate pair before this") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw unexpected("a Unicode character before this") }
        return scalar
    }

    private mutating func hexadecimal() throws(ConfigurationProblem) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            index += 1
        }
        return code
    }

    // MARK: Bytes

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private var place: SourcePlace { SourcePlace(line: line, column: index - lineStart + 1) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            index += 1
            if byte == 0x0A {
                line += 1
                lineStart = index
            }
        }
    }

    private func unexpected(_ expected: String) -> ConfigurationProblem {
        let found: String
        var hint: String?
        switch peek {
        case nil: found = "the end of the document"
        case 0: (found, hint) = ("a NUL byte", "this does not look like a text file")
        case let byte? where byte < 0x20: found = byte == 0x0A ? "the end of the line" : "control character \(byte)"
        case let byte? where byte >= 0x7F: found = "byte \(byte)"
        case let byte?:
            found = String(Character(Unicode.Scalar(byte)))
            switch found {
            case "}", "]": hint = "JSON allows no comma after the last element"
            case "/", "#": hint = "JSON has no comments"
            case "'": hint = "JSON texts take double quotes"
            case "N", "I": hint = "write \"nan\" in quotes"
            default: break
            }
        }
        return .syntax(place, expected: expected, found: found, hint: hint)
    }
}
