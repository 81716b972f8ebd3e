/// What a command says about one of its arguments: enough to parse it, and to describe it in a help text.
struct ArgumentDeclaration: Sendable, Equatable {
    /// How an argument is written.
    enum Form: Sendable, Equatable {
        /// By its place.
        case positional
        /// As `--name VALUE` or `--name=VALUE`.
        case option
        /// As `--name`.
        case flag
    }

    /// Name, without dashes; for a positional argument the word that stands for it.
    let name: String
    let form: Form
    /// The word for the value in help texts; empty for flags.
    let valueName: String
    /// What it is for, in one or two sentences, including its default.
    let help: String
    var isRequired = false
    var isRepeated = false

    /// How the argument is named in messages and in the left column of a help text.
    var label: String {
        switch form {
        case .positional: isRepeated ? "\(valueName)..." : valueName
        case .option: "--\(name) \(valueName)"
        case .flag: "--\(name)"
        }
    }

    /// The argument in a line of usage.
    var usage: String {
        let repetition = isRepeated && form != .positional ? "..." : ""
        return isRequired ? label + repetition : "[\(label)]" + repetition
    }
}
