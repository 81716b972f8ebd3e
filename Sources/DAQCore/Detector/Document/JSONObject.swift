/// A JSON object from outside, whose members are had as what they are or not at all.
package struct JSONObject: Sendable {
    private let node: JSONNode

    private init?(_ node: JSONNode) {
        guard case .object = node.value else { return nil }
        self.node = node
    }

    /// Reads a text.
    ///
    /// - Throws: a problem of kind `syntax` with the place, or of kind `wrongType` when it is not an object.
    package init(_ json: [UInt8]) throws(ConfigurationProblem) {
        let node = try JSONParser.parse(json)
        guard let object = JSONObject(node) else {
            throw ConfigurationProblem(
                .wrongType, at: ConfigurationPath(), origin: node.origin, expected: "an object", found: node.description)
        }
        self = object
    }

    /// Whether there is such a member.
    package func has(_ key: String) -> Bool { node[key] != nil }

    /// A text.
    package func text(_ key: String) -> String? {
        if case .text(let text)? = node[key]?.value { text } else { nil }
    }

    /// A whole number from 0 up.
    package func unsigned(_ key: String) -> UInt64? {
        guard let node = node[key], case .number(let text) = node.value else { return nil }
        return UInt64(text) ?? node.integer.flatMap { UInt64(exactly: $0) }
    }

    /// An array of whole numbers.
    package func integers(_ key: String) -> [Int]? {
        guard case .array(let elements)? = node[key]?.value else { return nil }
        let integers = elements.compactMap(\.integer)
        return integers.count == elements.count ? integers : nil
    }

    /// An object.
    package func object(_ key: String) -> JSONObject? { node[key].flatMap { JSONObject($0) } }

    /// An array of objects.
    package func objects(_ key: String) -> [JSONObject]? {
        guard case .array(let elements)? = node[key]?.value else { return nil }
        let objects = elements.compactMap { JSONObject($0) }
        return objects.count == elements.count ? objects : nil
    }
}
