/// One thing that is wrong with a configuration: where, what was expected, what was found, and what to do.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of thing is wrong.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The file cannot be read.
        case unreadable
        /// The document is not JSON.
        case syntax
        /// A key is there twice.
        case duplicateKey
        /// No such key exists; only a warning unless the reading is strict.
        case unknownKey
        /// A key that is needed is not there.
        case missingKey
        /// The value has another JSON type.
        case wrongType
        /// The type is right, the value is not.
        case impossibleValue
        /// Values that are possible alone contradict each other.
        case conflict
        /// It means something that this version cannot do.
        case unsupported
        /// An override is not of the form `key.path=value`, or leads through a value that is no object.
        case malformedOverride
    }

    /// Where a value comes from.
    public enum Origin: Sendable, Hashable {
        case document(SourcePlace)
        /// An override, such as `--set` gives.
        case override
    }

    /// What kind of thing is wrong.
    public var kind: Kind
    /// Where in the document; the empty path is the document itself.
    public var path: ConfigurationPath
    /// Where the value was written; `nil` when there is no document or nothing near the path.
    public var origin: Origin?
    /// What would be right.
    public var expected: String
    /// What is there instead.
    public var found: String
    /// What to do about it.
    public var hint: String?

    /// A problem.
    public init(
        _ kind: Kind, at path: ConfigurationPath, origin: Origin? = nil, expected: String, found: String, hint: String? = nil
    ) {
        self.kind = kind
        self.path = path
        self.origin = origin
        self.expected = expected
        self.found = found
        self.hint = hint
    }

    static func syntax(_ place: SourcePlace, expected: String, found: String, hint: String? = nil) -> ConfigurationProblem {
        ConfigurationProblem(
            .syntax, at: ConfigurationPath(), origin: .document(place), expected: expected, found: found, hint: hint)
    }

    /// One line, such as `n_modules (line 3, column 16): expected an integer, found "two"`.
    public var description: String {
        let path = path.description
        let origin =
            switch origin {
            case .document(let place): path.isEmpty ? "\(place)" : "(\(place))"
            case .override: "(overridden)"
            case nil: ""
            }
        let subject = [path, origin].filter { !$0.isEmpty }.joined(separator: " ")
        return (subject.isEmpty ? "" : subject + ": ") + "expected \(expected), found \(found)" + (hint.map { "; " + $0 } ?? "")
    }
}

/// A place in a text file.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// Line, from 1.
    public var line: Int
    /// Byte in the line, from 1.
    public var column: Int

    /// A place in a text file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Line and column in words.
    public var description: String { "line \(line), column \(column)" }
}
