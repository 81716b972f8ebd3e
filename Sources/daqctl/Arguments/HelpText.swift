/// Help texts, made from the declarations alone, so that they cannot be out of date.
enum HelpText {
    private static let width = 96
    private static let columnLimit = 28

    /// The help of the program.
    static func text(program: String, summary: String, commands: [CommandDeclaration]) -> String {
        var lines = wrap("\(program): \(summary)")
        lines += ["", "usage: \(program) COMMAND [ARGUMENTS]", "", "commands:"]
        lines += table(commands.map { ($0.name, $0.summary) })
        lines += ["", "options:"]
        lines += table([("--help", "Show this text; after a command, that of the command."), ("--version", "Show the version.")])
        lines += [""]
        lines += wrap(
            """
            Results go to standard output, progress and messages to standard error. \
            Exit codes: 0 done, 1 failed, 2 wrong usage.
            """)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The help of a command.
    static func text(program: String, command: CommandDeclaration) -> String {
        var lines = wrap("\(program) \(command.name): \(command.summary)") + [""]
        let usage = "usage: \(program) \(command.name)"
        lines += wrap(words: [usage] + command.positionals.map(\.usage) + command.options.map(\.usage), indent: 7)
        for paragraph in command.discussion.split(separator: "\n\n") {
            lines += [""] + wrap(String(paragraph))
        }
        if !command.positionals.isEmpty {
            lines += ["", "arguments:"] + table(command.positionals.map { ($0.label, $0.help) })
        }
        lines += ["", "options:"] + table(command.options.map { ($0.label, $0.help) })
        if !command.examples.isEmpty {
            lines += ["", "examples:"] + command.examples.map { "  \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Two columns: labels, then texts broken to the width.
    private static func table(_ rows: [(label: String, text: String)]) -> [String] {
        let column = min(rows.map(\.label.count).max() ?? 0, columnLimit) + 4
        return rows.flatMap { row -> [String] in
            let label = "  " + row.label
            var lines = wrap(row.text, width: width - column).map { String(repeating: " ", count: column) + $0 }
            if label.count + 2 > column { return [label] + lines }
            lines[0] = label + lines[0].dropFirst(label.count)
            return lines
        }
    }

    /// Words of a text, in lines of at most `width` characters.
    static func wrap(_ text: String, width: Int = width) -> [String] {
        wrap(words: text.split(whereSeparator: \.isWhitespace).map { String($0) }, width: width)
    }

    /// Lines of at most `width` characters; the second and later ones are indented.
    private static func wrap(words: [String], indent: Int = 0, width: Int = width) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(lines.isEmpty ? word : String(repeating: " ", count: indent) + word)
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}
