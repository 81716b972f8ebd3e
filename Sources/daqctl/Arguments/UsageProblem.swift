/// What is wrong with a command line.
enum UsageProblem: Error, Sendable, Equatable {
    case noCommand
    case unknownCommand(String, suggestion: String?)
    case unknownOption(String, suggestion: String?)
    case missing(ArgumentDeclaration)
    case missingValue(ArgumentDeclaration)
    case unexpectedValue(ArgumentDeclaration, found: String)
    case unexpectedArgument(String)
    case givenTwice(ArgumentDeclaration)
    case badValue(ArgumentDeclaration, found: String, expected: String)
    case exclusive(ArgumentDeclaration, ArgumentDeclaration)
    case needsConfiguration(ArgumentDeclaration)
    /// An option that means something only together with something else.
    case needs(ArgumentDeclaration, String)
    /// One of several has to be given.
    case oneOf([ArgumentDeclaration])
    /// A value that is wrong in a way that says itself.
    case unusable(ArgumentDeclaration, reason: String)
}

extension UsageProblem: CustomStringConvertible {
    var description: String {
        switch self {
        case .noCommand: "a command is needed"
        case .unknownCommand(let name, let suggestion): "unknown command \(name)" + Self.hint(suggestion)
        case .unknownOption(let name, let suggestion): "unknown option \(name)" + Self.hint(suggestion)
        case .missing(let argument): "\(argument.label) is missing"
        case .missingValue(let argument): "\(argument.label) is missing its value"
        case .unexpectedValue(let argument, let found): "\(argument.label) takes no value, found \"\(found)\""
        case .unexpectedArgument(let text): "unexpected argument \"\(text)\""
        case .givenTwice(let argument): "\(argument.label) was given more than once"
        case .badValue(let argument, let found, let expected):
            "\(argument.form == .positional ? argument.valueName : "--" + argument.name) needs \(expected), not \"\(found)\""
        case .exclusive(let one, let other): "\(one.label) and \(other.label) exclude each other; give one of them"
        case .needsConfiguration(let argument): "\(argument.label) means nothing without CONFIG"
        case .needs(let argument, let other): "--\(argument.name) needs \(other)"
        case .oneOf(let arguments): arguments.map(\.label).joined(separator: " or ") + " is missing"
        case .unusable(let argument, let reason):
            "\(argument.form == .positional ? argument.valueName : "--" + argument.name): \(reason)"
        }
    }

    private static func hint(_ suggestion: String?) -> String { suggestion.map { "; did you mean \($0)?" } ?? "" }
}
