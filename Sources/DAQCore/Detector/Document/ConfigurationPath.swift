/// Where a value lies in a configuration document, such as `module_positions.3[2]`.
public struct ConfigurationPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// One step down into the document.
    enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    var steps: [Step]

    /// The path of the whole document.
    public init() { steps = [] }

    /// A path of keys that are separated by dots.
    public init(_ keys: String) { steps = keys.split(separator: ".", omittingEmptySubsequences: false).map { .key(String($0)) } }

    /// A path of keys that are separated by dots.
    public init(stringLiteral keys: String) { self.init(keys) }

    /// The path of a key of this object.
    public subscript(key: String) -> ConfigurationPath { appending(.key(key)) }

    /// The path of an element of this array.
    public subscript(index: Int) -> ConfigurationPath { appending(.index(index)) }

    private func appending(_ step: Step) -> ConfigurationPath {
        var path = self
        path.steps.append(step)
        return path
    }

    /// Keys joined by dots, indices in brackets; control characters escaped.
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key):
                let quoted = key.debugDescription
                // The escaped form differs from key and quotes only if there is something to escape.
                text += (text.isEmpty ? "" : ".") + (quoted.count == key.count + 2 ? key : quoted)
            case .index(let index):
                text += "[\(index)]"
            }
        }
        return text
    }
}
