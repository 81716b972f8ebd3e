/// A configuration as it was read from a document, with what is odd about it but not wrong.
public struct ConfigurationDocument: Sendable {
    /// The valid configuration.
    public let configuration: DetectorConfiguration
    /// The text it was read from, without overrides.
    public let text: String
    /// Unknown keys and settings without effect.
    public let warnings: [ConfigurationProblem]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: a JSON file; the paths in it are relative to its folder.
    ///   - overrides: values that replace those of the file, such as `ring.content=raw`. A value is JSON, or else a text.
    ///   - strict: whether an unknown key is an error instead of a warning.
    /// - Throws: everything that is wrong with the file, at once.
    public init(contentsOf path: String, overrides: [String] = [], strict: Bool = false) throws(ConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try ConfigurationFile.read(path)
        } catch {
            throw ConfigurationError(source: path, problems: [error])
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
        try self.init(json: bytes, source: path, folder: folder, overrides: overrides, strict: strict)
    }

    /// Reads a document in memory.
    ///
    /// - Parameters:
    ///   - json: the bytes of the document, UTF-8.
    ///   - source: what errors call the document.
    ///   - folder: what relative paths in the document begin at; empty is the current folder.
    ///   - overrides: values that replace those of the document, such as `ring.content=raw`.
    ///   - strict: whether an unknown key is an error instead of a warning.
    /// - Throws: everything that is wrong with the document, at once.
    public init(
        json: some Sequence<UInt8>, source: String = "configuration", folder: String = "", overrides: [String] = [],
        strict: Bool = false
    ) throws(ConfigurationError) {
        var problems: [ConfigurationProblem] = []
        var root: JSONNode
        let bytes = Array(json)
        text = String(decoding: bytes, as: UTF8.self)
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            throw ConfigurationError(source: source, problems: [error])
        }
        for text in overrides {
            do {
                try ConfigurationOverride(text).apply(to: &root)
            } catch {
                problems.append(error)
            }
        }
        var reader = ConfigurationReader(root)
        configuration = reader.configuration(folder: folder)
        problems += reader.problems
        if strict { problems += reader.unknown }
        // Without an object at the top nothing more can be said.
        if case .object = root.value {
            problems += configuration.problems(ignoring: reader.unreadable)
        }
        guard problems.isEmpty else {
            throw ConfigurationError(source: source, problems: Self.located(problems, in: root))
        }
        warnings = Self.located((strict ? [] : reader.unknown) + configuration.warnings, in: root)
    }

    /// The problems with the place in the document they are about, where they do not know one yet.
    private static func located(_ problems: [ConfigurationProblem], in root: JSONNode) -> [ConfigurationProblem] {
        let origins = root.origins()
        return problems.map { problem in
            var problem = problem
            // The budget has two names; blame the one that was written.
            if problem.path == "ring.bytes", origins["ring.bytes"] == nil, origins["ram_buffer_gb"] != nil {
                problem.path = "ram_buffer_gb"
            }
            // What is missing has no place; the nearest thing around it has. The whole document is not worth naming.
            var path = problem.path
            while problem.origin == nil, !path.steps.isEmpty {
                problem.origin = origins[path]
                path.steps.removeLast()
            }
            return problem
        }
    }
}

extension DetectorConfiguration {
    /// Reads a configuration file; ``ConfigurationDocument`` also tells the warnings.
    ///
    /// - Throws: everything that is wrong with the file, at once.
    public init(contentsOf path: String, overrides: [String] = [], strict: Bool = false) throws(ConfigurationError) {
        self = try ConfigurationDocument(contentsOf: path, overrides: overrides, strict: strict).configuration
    }

    /// Reads a configuration document in memory; ``ConfigurationDocument`` also tells the warnings.
    ///
    /// - Throws: everything that is wrong with the document, at once.
    public init(json: some Sequence<UInt8>, overrides: [String] = [], strict: Bool = false) throws(ConfigurationError) {
        self = try ConfigurationDocument(json: json, overrides: overrides, strict: strict).configuration
    }
}
