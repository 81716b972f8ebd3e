/// Reads the values of known keys out of a JSON document and collects everything that does not fit.
struct ConfigurationReader {
    /// The value of a key, of the type that the table of keys names.
    enum Value {
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case text(String)
        case integers([Int])
        case pixelValue(PixelValue)
        case positions([Int: ModulePosition])
        case collection
    }

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
        read(root, at: ConfigurationPath())
        reportMissing(root)
    }

    // MARK: Typed access

    func integer(_ path: String) -> Int? { if case .integer(let value)? = values[path] { value } else { nil } }
    func number(_ path: String) -> Double? { if case .number(let value)? = values[path] { value } else { nil } }
    func boolean(_ path: String) -> Bool? { if case .boolean(let value)? = values[path] { value } else { nil } }
    func text(_ path: String) -> String? { if case .text(let value)? = values[path] { value } else { nil } }
    func integers(_ path: String) -> [Int]? { if case .integers(let value)? = values[path] { value } else { nil } }
    func pixelValue(_ path: String) -> PixelValue? { if case .pixelValue(let value)? = values[path] { value } else { nil } }
    func positions(_ path: String) -> [Int: ModulePosition]? {
        if case .positions(let value)? = values[path] { value } else { nil }
    }

    /// Stores the module positions.
    mutating func setPositions(_ positions: [Int: ModulePosition]) { values["module_positions"] = .positions(positions) }

    /// Notes a problem with a value that was readable as such.
    mutating func report(_ problem: ConfigurationProblem, making key: String) {
        problems.append(problem)
        unreadable.insert(key)
    }

    // MARK: Walking the document

    private mutating func read(_ object: JSONNode, at path: ConfigurationPath) {
        guard case .object(let members) = object.value else { return }
        for member in members {
            let memberPath = path[member.key]
            // A key with a dot in it must not be taken for a key in a group.
            let isPlain = !member.key.contains(".")
            if isPlain, let key = ConfigurationKey.named(memberPath.keys) {
                read(member.node, as: key, at: memberPath)
            } else {
                // Suggestions take time; a document with more unknown keys than this was not meant for us.
                let suggestion = unknown.count < 100 ? ConfigurationKey.suggestion(for: member.key, in: path) : nil
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
            if let integer = node.integer { return values[path.description] = .integer(integer) }
        case (.number, _):
            if let number = node.number { return values[path.description] = .number(number) }
        case (.boolean, .boolean(let flag)):
            return values[path.description] = .boolean(flag)
        case (.text, .text(let text)):
            if !text.contains("\0") { return values[path.description] = .text(text) }
        case (.choice(let choices), .text(let text)):
            if choices.contains(text) { return values[path.description] = .text(text) }
        case (.integers, .array(let elements)):
            return readIntegers(elements, as: key, at: path)
        case (.pixelValue, .number):
            if let number = node.number { return values[path.description] = .pixelValue(.number(number)) }
        case (.pixelValue, .text("nan")):
            return values[path.description] = .pixelValue(.notANumber)
        case (.pixelValue, .text("default")):
            return
        case (.positions, .object(let members)):
            return readPositions(members, at: path)
        case (.group, .object):
            values[path.description] = .collection
            return read(node, at: path)
        case (.objects, .array(let elements)):
            return readObjects(elements, at: path)
        case (.collection, .object), (.collection, .array):
            return values[path.description] = .collection
        default:
            break
        }
        unreadable.insert(key.path)
        // A group that cannot be read takes its keys with it.
        if key.kind == .group { unreadable.formUnion(ConfigurationKey.all.map(\.path).filter { $0.hasPrefix(key.path + ".") }) }
        problems.append(problem(with: node, of: key.kind, at: path))
    }

    private mutating func readObjects(_ elements: [JSONNode], at path: ConfigurationPath) {
        // The keys of the elements are stored by their own paths; what is stored here is their number.
        values[path.description] = .integer(elements.count)
        for (index, element) in elements.enumerated() {
            if case .object = element.value {
                read(element, at: path[index])
            } else {
                report(
                    ConfigurationProblem(
                        .wrongType, at: path[index], origin: element.origin, expected: "an object", found: element.description),
                    making: path.description)
            }
        }
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

    private mutating func reportMissing(_ root: JSONNode) {
        let hasGeometry = values["geometry"] != nil || unreadable.contains("geometry")
        for key in ConfigurationKey.all where values[key.path] == nil && !unreadable.contains(key.path) {
            let isNeeded: Bool
            switch key.use {
            case .mandatory: isNeeded = true
            case .layout: isNeeded = !hasGeometry
            case .optional: isNeeded = key.group == "module_grid" && root["module_grid"] != nil
            case .ignored: isNeeded = false
            }
            guard isNeeded else { continue }
            report(
                ConfigurationProblem(
                    .missingKey, at: ConfigurationPath(key.path), expected: key.kind.expectation, found: "nothing",
                    hint: key.use == .layout ? "or name a published layout in geometry" : nil),
                making: key.path)
        }
    }
}
