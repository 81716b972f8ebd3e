/// One command of the program: its arguments as typed values, and what it does with them.
protocol Command: Sendable {
    /// Name, help and arguments.
    static var declaration: CommandDeclaration { get }

    /// Takes the values of the arguments; nothing else happens yet.
    init(_ arguments: ParsedArguments) throws(UsageProblem)

    /// Does the work.
    ///
    /// - Throws: what made the command fail; its description is shown after the command's name.
    func run(on console: Console) throws
}
