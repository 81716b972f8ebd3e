/// A value given from outside for one key of a document, as in `--set ring.content=raw`.
struct ConfigurationOverride {
    let path: ConfigurationPath
    let node: JSONNode

    /// Takes `key.path=value` apart.
    ///
    /// The value is JSON, or else a text; for a key that holds a text it is always a text.
    ///
    /// - Throws: a problem of kind `malformedOverride`.
    init(_ text: String) throws(ConfigurationProblem) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ConfigurationProblem(
                .malformedOverride, at: ConfigurationPath(), origin: .override, expected: "an override key.path=value",
                found: text.debugDescription)
        }
        let key = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        path = ConfigurationPath(key)
        guard !key.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
            throw ConfigurationProblem(
                .malformedOverride, at: path, origin: .override, expected: "names separated by single dots",
                found: key.debugDescription)
        }
        let known = ConfigurationKey.named(key)
        let parsed = known?.kind == .text ? nil : try? JSONParser.parse(Array(value.utf8))
        node = (parsed ?? JSONNode(value: .text(value), origin: .override)).overriding
    }

    /// Puts the value into a document, making objects on the way where there are none.
    ///
    /// - Throws: a problem of kind `malformedOverride` when something on the way is not an object.
    func apply(to root: inout JSONNode) throws(ConfigurationProblem) {
        try apply(path.steps[...], to: &root)
    }

    private func apply(_ steps: ArraySlice<ConfigurationPath.Step>, to target: inout JSONNode) throws(ConfigurationProblem) {
        guard case .key(let key)? = steps.first else {
            target = node
            return
        }
        guard case .object(var members) = target.value else {
            throw ConfigurationProblem(
                .malformedOverride, at: path, origin: .override, expected: "an object that holds \(key.debugDescription)",
                found: target.description)
        }
        let index: Int
        if let existing = members.lastIndex(where: { $0.key == key }) {
            index = existing
        } else {
            index = members.endIndex
            members.append(JSONMember(key: key, node: JSONNode(value: .object([]), origin: .override)))
        }
        try apply(steps.dropFirst(), to: &members[index].node)
        target.value = .object(members)
    }
}

extension JSONNode {
    /// The same value, with every place in it replaced: lines of an override would be mistaken for lines of the file.
    fileprivate var overriding: JSONNode {
        let value: JSONValue =
            switch value {
            case .array(let elements): .array(elements.map(\.overriding))
            case .object(let members): .object(members.map { JSONMember(key: $0.key, node: $0.node.overriding) })
            case .null, .boolean, .number, .text: value
            }
        return JSONNode(value: value, origin: .override)
    }
}
