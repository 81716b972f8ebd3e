/// A JSON value together with the place where it was written.
package struct JSONNode: Sendable {
    /// The value.
    package var value: JSONValue
    /// Where it stands.
    package var origin: ConfigurationProblem.Origin

    /// The value of an object's key; the last one if a key is there twice.
    package subscript(key: String) -> JSONNode? {
        guard case .object(let members) = value else { return nil }
        return members.last { $0.key == key }?.node
    }

    /// What a reader of an error message calls this value.
    package var description: String {
        switch value {
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .number(let text): text.count > 40 ? "a number of \(text.count) digits" : text
        case .text(let text): text.count > 60 ? "a text of \(text.count) characters" : text.debugDescription
        case .array(let elements): "an array of \(elements.count)"
        case .object: "an object"
        }
    }

    /// The integer, also when it is written as 471.0 or 1e3; `nil` for everything that is not exactly one.
    package var integer: Int? {
        guard case .number(let text) = value else { return nil }
        if let integer = Int(text) { return integer }
        // Above 2^53 not every integer is a Double, so that text and value could differ.
        guard let number = Double(text), abs(number) <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: number)
    }

    /// The number, if it is finite.
    package var number: Double? {
        guard case .number(let text) = value, let number = Double(text), number.isFinite else { return nil }
        return number
    }
}

/// The kinds of JSON value.
///
/// Numbers stay as they are written, so that no digit is lost before their type is known.
package enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case text(String)
    case array([JSONNode])
    case object([JSONMember])
}

/// A key of an object with its value, in the order of the document.
package struct JSONMember: Sendable {
    package var key: String
    package var node: JSONNode
}

extension JSONNode {
    /// Where every value of the document stands.
    func origins() -> [ConfigurationPath: ConfigurationProblem.Origin] {
        var origins: [ConfigurationPath: ConfigurationProblem.Origin] = [:]
        collectOrigins(at: ConfigurationPath(), into: &origins)
        return origins
    }

    private func collectOrigins(
        at path: ConfigurationPath, into origins: inout [ConfigurationPath: ConfigurationProblem.Origin]
    ) {
        origins[path] = origin
        switch value {
        case .object(let members):
            for member in members { member.node.collectOrigins(at: path[member.key], into: &origins) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { element.collectOrigins(at: path[index], into: &origins) }
        case .null, .boolean, .number, .text:
            break
        }
    }

    /// Calls `report` for every key that an object has a second time.
    package func forEachDuplicateKey(
        at path: ConfigurationPath = ConfigurationPath(), _ report: (ConfigurationPath, ConfigurationProblem.Origin) -> Void
    ) {
        switch value {
        case .object(let members):
            var seen: Set<String> = []
            for member in members {
                if !seen.insert(member.key).inserted { report(path[member.key], member.node.origin) }
                member.node.forEachDuplicateKey(at: path[member.key], report)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() { element.forEachDuplicateKey(at: path[index], report) }
        case .null, .boolean, .number, .text:
            break
        }
    }
}
