/// Sorts the words of a command line by the arguments that a command declares.
///
/// `--name value` and `--name=value` mean the same. After `--` every word is positional. A value may begin with one dash,
/// so that negative numbers get as far as their range check, but not with two.
struct ArgumentParser {
    private let command: CommandDeclaration
    private var words: ArraySlice<String>
    private var parsed = ParsedArguments()
    private var positionals: [String] = []

    private init(_ command: CommandDeclaration, words: [String]) {
        self.command = command
        self.words = words[...]
    }

    /// The arguments of a command line; `words` begins after the command's name.
    static func parse(_ words: [String], as command: CommandDeclaration) throws(UsageProblem) -> ParsedArguments {
        var parser = ArgumentParser(command, words: words)
        return try parser.parse()
    }

    private mutating func parse() throws(UsageProblem) -> ParsedArguments {
        while let word = words.popFirst() {
            if word == "--" {
                positionals += words
                words = []
            } else if word.hasPrefix("-"), word != "-" {
                try parseOption(word)
            } else {
                positionals.append(word)
            }
        }
        try assignPositionals()
        return parsed
    }

    private mutating func parseOption(_ word: String) throws(UsageProblem) {
        let equals = word.firstIndex(of: "=")
        let label = String(word[..<(equals ?? word.endIndex)])
        let attached = equals.map { String(word[word.index(after: $0)...]) }
        guard let option = command.options.first(where: { "--" + $0.name == label }) else {
            let candidates = command.options.map { "--" + $0.name }
            throw .unknownOption(label, suggestion: Suggestion.nearest(to: label, among: candidates))
        }
        guard option.isRepeated || option.form == .flag || parsed.texts[option.name] == nil else { throw .givenTwice(option) }
        parsed.texts[option.name, default: []].append(try value(of: option, attached: attached))
    }

    private mutating func value(of option: ArgumentDeclaration, attached: String?) throws(UsageProblem) -> String {
        guard option.form == .option else {
            if let attached { throw .unexpectedValue(option, found: attached) }
            return ""
        }
        if let attached { return attached }
        guard let next = words.first, !next.hasPrefix("--") else { throw .missingValue(option) }
        words.removeFirst()
        return next
    }

    private mutating func assignPositionals() throws(UsageProblem) {
        var rest = positionals[...]
        for argument in command.positionals {
            parsed.texts[argument.name] = argument.isRepeated ? Array(rest) : Array(rest.prefix(1))
            rest = argument.isRepeated ? [] : rest.dropFirst()
        }
        if let extra = rest.first { throw .unexpectedArgument(extra) }
    }
}
