/// Reads the values of known keys out of a JSON document and collects everything that does not fit.
struct ConfigurationReader {
    /// The value of a key, of the type that the table of keys names.
    enum Value {
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case text(String)
        case integers([Int])
        case texts([String])
        case pixelValue(PixelValue)
        case positions([Int: ModulePosition])
        case list([ConfigurationReader])
        case liveStreams([StreamConfiguration])
        case collection
    }

    /// What is read: the document, or an element of a list.
    private(set) var path = ConfigurationPath()
    /// Every key that could be read.
    private(set) var values: [String: Value] = [:]
    /// Keys whose value could not be read or is missing; rules that need them are not checked.
    private(set) var unreadable: Set<String> = []
    /// What is wrong.
    private(set) var problems: [ConfigurationProblem] = []
    /// Keys that nobody knows.
    private(set) var unknown: [ConfigurationProblem] = []

    /// Reads a document.
    init(_ root: JSONNode) {
        guard case .object = root.value else {
            problems.append(
                ConfigurationProblem(
                    .wrongType, at: ConfigurationPath(), origin: root.origin, expected: "an object {...} with the configuration",
                    found: root.description))
            return
        }
        root.forEachDuplicateKey { path, origin in
            problems.append(
                ConfigurationProblem(
                    .duplicateKey, at: path, origin: origin, expected: "every key once", found: "a second value for this key"))
        }
        read(root, at: ConfigurationPath(), in: "")
        reportMissing(root)
    }

    /// Reads an element of a list, whose keys are those of `group`.
    private init(element: JSONNode, at path: ConfigurationPath, in group: String) {
        self.path = path
        read(element, at: path, in: group)
        for key in ConfigurationKey.all where key.group == group && !unreadable.contains(key.path) {
            let place = path[String(key.name)]
            if let value = values[key.path] {
                // The configuration's own ranges are checked by its validator, which does not know these keys.
                checkRange(of: value, key, at: place, origin: element[String(key.name)]?.origin)
            } else if key.use == .element {
                report(
                    ConfigurationProblem(
                        .missingKey, at: place, origin: element.origin, expected: key.kind.expectation, found: "nothing"),
                    making: key.path)
            }
        }
    }

    private mutating func checkRange(
        of value: Value, _ key: ConfigurationKey, at path: ConfigurationPath, origin: ConfigurationProblem.Origin?
    ) {
        let found: String
        switch (key.kind, value) {
        case (.integer(let range?), .integer(let value)) where !range.contains(value): found = "\(value)"
        case (.number(let range), .number(let value)) where !range.contains(value): found = "\(value)"
        case (.integers(let range), .integers(let values)):
            guard let wrong = values.first(where: { !range.contains($0) }) else { return }
            found = "\(wrong)"
        default: return
        }
        report(
            ConfigurationProblem(.impossibleValue, at: path, origin: origin, expected: key.kind.expectation, found: found),
            making: key.path)
    }

    // MARK: Typed access

    func integer(_ path: String) -> Int? { if case .integer(let value)? = values[path] { value } else { nil } }
    func number(_ path: String) -> Double? { if case .number(let value)? = values[path] { value } else { nil } }
    func boolean(_ path: String) -> Bool? { if case .boolean(let value)? = values[path] { value } else { nil } }
    func text(_ path: String) -> String? { if case .text(let value)? = values[path] { value } else { nil } }
    func integers(_ path: String) -> [Int]? { if case .integers(let value)? = values[path] { value } else { nil } }
    func texts(_ path: String) -> [String]? { if case .texts(let value)? = values[path] { value } else { nil } }
    func pixelValue(_ path: String) -> PixelValue? { if case .pixelValue(let value)? = values[path] { value } else { nil } }
    func positions(_ path: String) -> [Int: ModulePosition]? {
        if case .positions(let value)? = values[path] { value } else { nil }
    }

    func list(_ path: String) -> [ConfigurationReader]? { if case .list(let value)? = values[path] { value } else { nil } }
    func liveStreams(_ path: String) -> [StreamConfiguration]? {
        if case .liveStreams(let value)? = values[path] { value } else { nil }
    }

    /// Stores what std-daq says about live streams.
    mutating func setLiveStreams(_ streams: [StreamConfiguration]) { values["live_stream_configs"] = .liveStreams(streams) }

    /// Stores the module positions.
    mutating func setPositions(_ positions: [Int: ModulePosition]) { values["module_positions"] = .positions(positions) }

    /// Notes a problem with a value that was readable as such.
    mutating func report(_ problem: ConfigurationProblem, making key: String) {
        problems.append(problem)
        unreadable.insert(key)
    }

    // MARK: Walking the document

    /// Reads an object.
    ///
    /// - Parameter group: what the table of keys calls it.
    private mutating func read(_ object: JSONNode, at path: ConfigurationPath, in group: String) {
        guard case .object(let members) = object.value else { return }
        for member in members {
            let memberPath = path[member.key]
            // A key with a dot in it must not be taken for a key in a group.
            let isPlain = !member.key.contains(".")
            if isPlain, let key = ConfigurationKey.named(group.isEmpty ? member.key : "\(group).\(member.key)") {
                read(member.node, as: key, at: memberPath)
            } else {
                // Suggestions take time; a document with more unknown keys than this was not meant for us.
                let suggestion = unknown.count < 100 ? ConfigurationKey.suggestion(for: member.key, in: group) : nil
                unknown.append(
                    ConfigurationProblem(
                        .unknownKey, at: memberPath, origin: member.node.origin, expected: "a known key", found: "an unknown one",
                        hint: suggestion.map { "did you mean \($0)?" } ?? "docs/configuration.md lists all keys"))
            }
        }
    }

    private mutating func read(_ node: JSONNode, as key: ConfigurationKey, at path: ConfigurationPath) {
        switch (key.kind, node.value) {
        case (.integer, _):
            if let integer = node.integer { return values[key.path] = .integer(integer) }
        case (.number, _):
            if let number = node.number { return values[key.path] = .number(number) }
        case (.boolean, .boolean(let flag)):
            return values[key.path] = .boolean(flag)
        case (.text, .text(let text)):
            if !text.contains("\0") { return values[key.path] = .text(text) }
        case (.choice(let choices), .text(let text)):
            if choices.contains(text) { return values[key.path] = .text(text) }
        case (.integers, .array(let elements)):
            return readIntegers(elements, as: key, at: path)
        case (.texts, .array(let elements)):
            return readTexts(elements, as: key, at: path)
        case (.pixelValue, .number):
            if let number = node.number { return values[key.path] = .pixelValue(.number(number)) }
        case (.pixelValue, .text("nan")):
            return values[key.path] = .pixelValue(.notANumber)
        case (.pixelValue, .text("default")):
            return
        case (.positions, .object(let members)):
            return readPositions(members, at: path)
        case (.group, .object):
            values[key.path] = .collection
            return read(node, at: path, in: key.path)
        case (.list, .array(let elements)):
            return readList(elements, as: key, at: path)
        case (.liveStreams, .object(let members)):
            return readLiveStreams(members, at: path)
        case (.collection, .object), (.collection, .array):
            return values[key.path] = .collection
        default:
            break
        }
        unreadable.insert(key.path)
        // A group that cannot be read takes its keys with it.
        if key.kind == .group { unreadable.formUnion(ConfigurationKey.all.map(\.path).filter { $0.hasPrefix(key.path + ".") }) }
        problems.append(problem(with: node, of: key.kind, at: path))
    }

    private func problem(with node: JSONNode, of kind: ConfigurationKey.Kind, at path: ConfigurationPath) -> ConfigurationProblem
    {
        var hint: String?
        var problem = ConfigurationProblem.Kind.wrongType
        switch (kind, node.value) {
        case (_, .null): hint = "leave the key out to get its default"
        case (.choice, .text), (.pixelValue, .text): problem = .impossibleValue
        case (.text, .text): (problem, hint) = (.impossibleValue, "remove the NUL character")
        case (.integer, .text(let text)) where Int(text) != nil: hint = "write it without quotes"
        case (.number, .text(let text)) where Double(text) != nil: hint = "write it without quotes"
        case (.integer, .number), (.number, .number), (.pixelValue, .number): problem = .impossibleValue
        default: break
        }
        return ConfigurationProblem(
            problem, at: path, origin: node.origin, expected: kind.expectation, found: node.description, hint: hint)
    }

    private mutating func readIntegers(_ elements: [JSONNode], as key: ConfigurationKey, at path: ConfigurationPath) {
        var integers: [Int] = []
        for (index, element) in elements.enumerated() {
            if let integer = element.integer {
                integers.append(integer)
            } else {
                report(
                    ConfigurationProblem(
                        .wrongType, at: path[index], origin: element.origin, expected: "an integer", found: element.description),
                    making: key.path)
            }
        }
        values[key.path] = .integers(integers)
    }

    private mutating func readTexts(_ elements: [JSONNode], as key: ConfigurationKey, at path: ConfigurationPath) {
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            if case .text(let text) = element.value, !text.contains("\0") {
                texts.append(text)
            } else {
                report(problem(with: element, of: .text, at: path[index]), making: key.path)
            }
        }
        values[key.path] = .texts(texts)
    }

    private mutating func readList(_ elements: [JSONNode], as key: ConfigurationKey, at path: ConfigurationPath) {
        var readers: [ConfigurationReader] = []
        for (index, element) in elements.enumerated() {
            guard case .object = element.value else {
                report(problem(with: element, of: .group, at: path[index]), making: key.path)
                continue
            }
            let reader = ConfigurationReader(element: element, at: path[index], in: "\(key.path)[]")
            if !reader.problems.isEmpty { unreadable.insert(key.path) }
            problems += reader.problems
            unknown += reader.unknown
            readers.append(reader)
        }
        values[key.path] = .list(readers)
    }

    private mutating func reportMissing(_ root: JSONNode) {
        let hasGeometry = values["geometry"] != nil || unreadable.contains("geometry")
        let isForwarded = values["source.forward"] != nil || unreadable.contains("source.forward")
        let sendsImages = text("detector_type").flatMap(DetectorType.init(rawValue:))?.sendsImages ?? false
        for key in ConfigurationKey.all where values[key.path] == nil && !unreadable.contains(key.path) {
            let isNeeded: Bool
            switch key.use {
            case .mandatory: isNeeded = true
            case .layout: isNeeded = !hasGeometry
            case .packets: isNeeded = !sendsImages
            case .packetLayout: isNeeded = !hasGeometry && !sendsImages
            case .member: isNeeded = root[String(key.group)] != nil
            case .stream: isNeeded = root[String(key.group)] != nil && !isForwarded
            case .streamAddress:
                isNeeded =
                    root[String(key.group)] != nil && !isForwarded
                    && text("source.format") != SourceConfiguration.Format.stdDAQ.rawValue
            case .optional, .element, .ignored: isNeeded = false
            }
            guard isNeeded else { continue }
            report(
                ConfigurationProblem(
                    .missingKey, at: ConfigurationPath(key.path), expected: key.kind.expectation, found: "nothing",
                    hint: [.layout, .packetLayout].contains(key.use) && !sendsImages
                        ? "or name a published layout in geometry" : nil),
                making: key.path)
        }
    }
}
