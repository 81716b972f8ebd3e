/// What a command is called, what it does and which arguments it takes.
struct CommandDeclaration: Sendable {
    let name: String
    /// One line for the list of commands.
    let summary: String
    /// What a user needs to know beyond the summary; paragraphs are separated by empty lines.
    var discussion = ""
    let arguments: [ArgumentDeclaration]
    /// Complete command lines to start from.
    var examples: [String] = []

    var positionals: [ArgumentDeclaration] { arguments.filter { $0.form == .positional } }
    var options: [ArgumentDeclaration] { arguments.filter { $0.form != .positional } + [Self.helpFlag] }

    /// The flag that every command has.
    static let helpFlag = ArgumentDeclaration(name: "help", form: .flag, valueName: "", help: "Show this text.")
}
