import DAQCore
import DAQSimulator
import DAQWriter

/// How the text of a value is read, and what a user is told when it cannot be.
struct ValueKind<Value: Sendable>: Sendable {
    /// What is accepted, to be read after "needs": "a whole number from 1".
    let description: String
    let read: @Sendable (String) -> Value?

    func value(of text: String, for argument: ArgumentDeclaration) throws(UsageProblem) -> Value {
        guard let value = read(text) else { throw .badValue(argument, found: text, expected: description) }
        return value
    }

    func values(of texts: [String], for argument: ArgumentDeclaration) throws(UsageProblem) -> [Value] {
        var values: [Value] = []
        for text in texts { values.append(try value(of: text, for: argument)) }
        return values
    }

    func required(_ texts: [String], for argument: ArgumentDeclaration) throws(UsageProblem) -> Value {
        guard let text = texts.last else { throw .missing(argument) }
        return try value(of: text, for: argument)
    }
}

extension ValueKind where Value == String {
    /// Any text that is not empty.
    static let text = ValueKind(description: "a text that is not empty") { $0.isEmpty ? nil : $0 }
    /// The address of a socket.
    static let address = ValueKind(
        description: "an address such as tcp://*:9001 (with a port from 1 to 65535) or ipc:///tmp/name"
    ) { EndpointAddress.isPossible($0) ? $0 : nil }
    /// The path of a file or folder.
    static let path = ValueKind(description: "a path") { $0.isEmpty ? nil : $0 }
    /// The path of a file whose name ends with `suffix`.
    static func path(suffix: String) -> ValueKind {
        ValueKind(description: "a file name that ends with \(suffix)") {
            $0.hasSuffix(suffix) && $0.count > suffix.count ? $0 : nil
        }
    }
}

extension ValueKind where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of a few words.
    static var choice: ValueKind {
        ValueKind(description: Value.allCases.map(\.rawValue).joined(separator: " or ")) { Value(rawValue: $0) }
    }
}

extension ValueKind where Value == ClosedRange<Int> {
    /// `A..B`, both included, or a single number.
    static let range = ValueKind(description: "A..B, two whole numbers of which the second is not less, or one") { text in
        let first = text.prefix { $0 != "." }
        let rest = text.dropFirst(first.count)
        guard rest.isEmpty || rest.hasPrefix("..") else { return nil }
        guard let lower = Int(first), let upper = rest.isEmpty ? lower : Int(rest.dropFirst(2)), lower >= 0, lower <= upper
        else { return nil }
        return lower...upper
    }
}

extension ValueKind where Value == Int {
    /// A whole number inside a range.
    static func integer(_ range: ClosedRange<Int>) -> ValueKind {
        ValueKind(description: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number with a lower limit only.
    static func integer(_ range: PartialRangeFrom<Int>) -> ValueKind {
        ValueKind(description: "a whole number from \(range.lowerBound) up") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ValueKind where Value == UInt64 {
    /// Any unsigned 64-bit number.
    static let unsigned = ValueKind(description: "a whole number from 0 up") { UInt64($0) }
}

extension ValueKind where Value == Double {
    /// A finite number above 0.
    static let positive = ValueKind(description: "a number above 0") {
        Double($0).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }
    /// A finite number from 0 up.
    static let notNegative = ValueKind(description: "a number from 0 up") {
        Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
    /// A share of something.
    static let probability = ValueKind(description: "a probability from 0 to 1") {
        Double($0).flatMap { (0...1).contains($0) ? $0 : nil }
    }
}

extension ValueKind where Value == ImageRegion {
    /// The corners as a configuration has them, with or without its brackets.
    static let region = ValueKind(
        description: "X_START,Y_START,X_END,Y_END, four whole numbers of which the second corner is not less, such as 0,0,511,255"
    ) { text in
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.count > 1
        let corners = (isBracketed ? text.dropFirst().dropLast() : text[...])
            .split(separator: ",", omittingEmptySubsequences: false)
            .map { Int($0.trimmingPrefix { $0 == " " }) }
        guard corners.count == 4, let xStart = corners[0], let yStart = corners[1], let xEnd = corners[2], let yEnd = corners[3],
            0 <= xStart, xStart <= xEnd, 0 <= yStart, yStart <= yEnd
        else { return nil }
        return ImageRegion(xStart: xStart, yStart: yStart, xEnd: xEnd, yEnd: yEnd)
    }
}

extension ValueKind where Value == PacketAddress {
    /// `IMAGE:PORT:PACKET`.
    static let packet = ValueKind(description: "IMAGE:PORT:PACKET, three whole numbers such as 29513:7:100") {
        PacketAddress($0)
    }
}

extension ValueKind where Value == WriteShare {
    /// `K/N`.
    static let share = ValueKind(
        description: "K/N, the number of this writer and how many there are, from 1/1 to \(WriteShare.most)/\(WriteShare.most)"
    ) { WriteShare($0) }
}

extension ValueKind where Value == Setting {
    /// `key.path=value`.
    static let setting = ValueKind(description: "KEY=VALUE, such as receive.threads=2") { Setting($0) }
}

extension ValueKind where Value == RingCommand.Action {
    static let ringAction = ValueKind(description: "list, watch, show or remove") { RingCommand.Action(rawValue: $0) }
}
