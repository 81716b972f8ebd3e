/// Where text goes: a file descriptor, or memory in tests.
protocol TextOutput: Sendable {
    /// Whether somebody looks at it on a terminal, where a line can be rewritten.
    var isTerminal: Bool { get }

    /// Writes text as it is, in one piece.
    func write(_ text: String)
}

/// The two outputs of a command.
struct Console: Sendable {
    /// Results.
    let output: any TextOutput
    /// Progress and messages.
    let error: any TextOutput
}
