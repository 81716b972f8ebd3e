/// The program `daqctl` without its process: words and outputs in, exit code out.
enum CommandLineTool {
    static let name = "daqctl"
    static let summary = "data acquisition from area detectors: packets become images, files and streams"

    /// All commands, in the order of the help text.
    static let commands: [any Command.Type] = [
        RunCommand.self, WriteCommand.self, ReceiveStreamCommand.self, CheckCommand.self, DoctorCommand.self,
        SimulateCommand.self, ReplayCommand.self, RecordCommand.self,
        PedestalCommand.self, InspectCommand.self, VerifyCommand.self, RecoverCommand.self, GatherCommand.self,
        ExportCommand.self, RingCommand.self, StreamCommand.self, ForwardCommand.self, KeysCommand.self, VersionCommand.self,
    ]

    /// Commands that read files of unknown origin.
    static let fileCommands = ["inspect", "verify", "recover", "gather", "export"]

    /// Runs one command.
    ///
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - output: where results go.
    ///   - error: where progress and messages go.
    /// - Returns: the exit code of the process.
    static func run(arguments: [String], output: any TextOutput, error: any TextOutput) -> Int32 {
        let code: ExitCode
        switch arguments.first {
        case nil:
            error.write(help)
            code = .usage
        case "--help", "-h":
            output.write(help)
            code = .done
        case "--version":
            code = run(VersionCommand.self, words: [], console: Console(output: output, error: error))
        case .some(let word):
            guard let command = commands.first(where: { $0.declaration.name == word }) else {
                error.write("\(name): \(unknown(word)) (\(name) --help)\n")
                return ExitCode.usage.rawValue
            }
            code = run(command, words: Array(arguments.dropFirst()), console: Console(output: output, error: error))
        }
        return code.rawValue
    }

    /// The help text of the program.
    static var help: String { HelpText.text(program: name, summary: summary, commands: commands.map { $0.declaration }) }

    private static func run(_ command: any Command.Type, words: [String], console: Console) -> ExitCode {
        let declaration = command.declaration
        let own = words.prefix { $0 != "--" }
        if own.contains("--help") || own.contains("-h") {
            console.output.write(HelpText.text(program: name, command: declaration))
            return .done
        }
        do {
            try command.init(ArgumentParser.parse(words, as: declaration)).run(on: console)
            return .done
        } catch let problem as UsageProblem {
            tellMachines(problem, own, console)
            console.error.write("\(name) \(declaration.name): \(problem) (\(name) \(declaration.name) --help)\n")
            return .usage
        } catch {
            tellMachines(error, own, console)
            console.error.write("\(name) \(declaration.name): \(error)\n")
            return .failed
        }
    }

    /// The last line for machines, when a command has failed.
    private static func tellMachines(_ error: any Error, _ words: ArraySlice<String>, _ console: Console) {
        guard words.contains("--json") else { return }
        let members: JSONValue = ["event": "failed", "reason": .string("\(error)")]
        console.output.write(members.line)
    }

    private static func unknown(_ word: String) -> UsageProblem {
        if word.hasPrefix("-") {
            return .unknownOption(word, suggestion: Suggestion.nearest(to: word, among: ["--help", "--version"]))
        }
        let names = commands.map { $0.declaration.name }
        return .unknownCommand(word, suggestion: Suggestion.nearest(to: word, among: names))
    }
}

/// The exit codes of `daqctl`.
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 2
}
