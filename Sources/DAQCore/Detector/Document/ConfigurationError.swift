/// Everything that is wrong with a configuration, found in one go.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, or what else the document was called.
    public var source: String
    /// All problems; never empty.
    public var problems: [ConfigurationProblem]

    /// The problems of one document.
    public init(source: String, problems: [ConfigurationProblem]) {
        self.source = source
        self.problems = problems
    }

    /// The source, then one line a problem.
    public var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "\(source): \(count)" + problems.map { "\n  \($0)" }.joined()
    }
}
