public import DAQCore

extension WriteRequest {
    /// Reads a request, an object such as `{"output": "{detector}_{run}.h5", "run": "7", "images": 1000}`.
    ///
    /// - Parameters:
    ///   - json: the bytes of the document, UTF-8.
    ///   - source: what errors call the document.
    /// - Throws: everything that is wrong with the document, at once.
    public init(json: some Sequence<UInt8>, source: String = "write request") throws(ConfigurationError) {
        let root: JSONNode
        do {
            root = try JSONParser.parse(Array(json))
        } catch {
            throw ConfigurationError(source: source, problems: [error])
        }
        var reader = RequestReader(root)
        let request = reader.request()
        guard let request, reader.problems.isEmpty else {
            throw ConfigurationError(source: source, problems: reader.problems)
        }
        self = request
    }
}

/// Takes the known keys out of a request and collects everything that does not fit.
private struct RequestReader {
    private static let keys = [
        "output", "run", "images", "ids", "seconds", "from", "back", "patience", "format", "mode", "compression",
        "split_images", "split_bytes", "split_seconds", "owner", "group", "permissions",
    ]

    private(set) var problems: [ConfigurationProblem] = []
    private var nodes: [String: JSONNode] = [:]

    init(_ root: JSONNode) {
        guard case .object(let members) = root.value else {
            report(.wrongType, "", root, expected: "an object {...} with the request")
            return
        }
        for member in members {
            if !Self.keys.contains(member.key) {
                report(.unknownKey, member.key, member.node, expected: "one of " + Self.keys.joined(separator: ", "))
            } else if nodes.updateValue(member.node, forKey: member.key) != nil {
                report(.duplicateKey, member.key, member.node, expected: "every key once")
            }
        }
        let extents = ["images", "ids", "seconds"].filter { nodes[$0] != nil }
        if extents.count > 1 { conflict(extents[1], with: extents[0]) }
        let starts = ["ids", "from", "back"].filter { nodes[$0] != nil }
        if starts.count > 1 { conflict(starts[1], with: starts[0]) }
        if nodes["output"] == nil {
            report(.missingKey, "output", root, expected: "a file name such as \"{detector}_{run}.h5\"", found: "nothing")
        }
    }

    /// The request; `nil` without a usable name.
    ///
    /// It counts only when there are no ``problems``.
    mutating func request() -> WriteRequest? {
        var output: FileNameTemplate?
        if let text = text("output") {
            do throws(WriteRefusal) {
                output = try FileNameTemplate(text)
            } catch {
                report(.impossibleValue, "output", nodes["output"], expected: error.expected, found: error.found)
            }
        }
        var request = WriteRequest(output: output ?? FileNameTemplate(verbatim: ""))
        request.run = text("run")
        if let count = integer("images", from: 1) { request.extent = .images(UInt64(count)) }
        if let seconds = number("seconds") { request.extent = .seconds(seconds) }
        if let ids = ids() { request.extent = .ids(ids) }
        if let id = integer("from", from: 0) { request.start = .id(UInt64(id)) }
        if let count = integer("back", from: 0) { request.start = .back(count) }
        request.patience = number("patience")
        request.options.format = choice("format") ?? request.options.format
        request.options.mode = choice("mode") ?? request.options.mode
        request.compression = choice("compression") ?? .none
        request.options.imagesPerPart = integer("split_images", from: 1)
        request.options.bytesPerPart = integer("split_bytes", from: 1)
        request.options.secondsPerPart = number("split_seconds") ?? request.options.secondsPerPart
        request.ownership.owner = text("owner")
        request.ownership.group = text("group")
        if let digits = text("permissions") {
            request.ownership.permissions = FileOwnership.permissions(digits)
            if request.ownership.permissions == nil {
                report(.impossibleValue, "permissions", nodes["permissions"], expected: WriterConfiguration.permissionsExpected)
            }
        }
        return output == nil ? nil : request
    }

    private mutating func text(_ key: String) -> String? {
        guard let node = nodes[key] else { return nil }
        if case .text(let text) = node.value, !text.isEmpty, !text.contains("\0") { return text }
        report(.wrongType, key, node, expected: "a text that is not empty")
        return nil
    }

    private mutating func integer(_ key: String, from least: Int) -> Int? {
        guard let node = nodes[key] else { return nil }
        if let value = node.integer, value >= least { return value }
        report(.wrongType, key, node, expected: "a whole number from \(least) up")
        return nil
    }

    private mutating func number(_ key: String) -> Double? {
        guard let node = nodes[key] else { return nil }
        if let value = node.number, value > 0 { return value }
        report(.wrongType, key, node, expected: "a number above 0")
        return nil
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String) -> Value?
    where Value.RawValue == String {
        guard let node = nodes[key] else { return nil }
        if case .text(let text) = node.value, let value = Value(rawValue: text) { return value }
        report(
            .impossibleValue, key, node, expected: Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        return nil
    }

    private mutating func ids() -> ClosedRange<UInt64>? {
        guard let node = nodes["ids"] else { return nil }
        if case .array(let elements) = node.value, elements.count == 2, let first = elements[0].integer,
            let last = elements[1].integer, first >= 0, first <= last
        {
            return UInt64(first)...UInt64(last)
        }
        report(.impossibleValue, "ids", node, expected: "the first and the last id, such as [1, 1000]")
        return nil
    }

    private mutating func conflict(_ key: String, with other: String) {
        report(.conflict, key, nodes[key], expected: "either this or \(other)", found: "both")
    }

    private mutating func report(
        _ kind: ConfigurationProblem.Kind, _ key: String, _ node: JSONNode?, expected: String, found: String? = nil
    ) {
        problems.append(
            ConfigurationProblem(
                kind, at: key.isEmpty ? ConfigurationPath() : ConfigurationPath()[key], origin: node?.origin,
                expected: expected, found: found ?? node?.description ?? "nothing"))
    }
}
