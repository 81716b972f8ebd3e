import Foundation
import Testing

@testable import daqctl

/// Help texts are compared with files, so that a change of the command line is seen in review.
///
/// `DAQ_RECORD_SNAPSHOTS=1 swift test --filter HelpSnapshotTests` writes the files anew.
struct HelpSnapshotTests {
    static let commands = [""] + CommandLineTool.commands.map { $0.declaration.name }

    @Test(arguments: commands) func helpIsAsRecorded(command: String) throws {
        let outcome = command.isEmpty ? Outcome("--help") : Outcome(command, "--help")
        #expect(outcome.code == 0)
        #expect(outcome.error.isEmpty)
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Snapshots/\(command.isEmpty ? "daqctl" : command).txt")
        if ProcessInfo.processInfo.environment["DAQ_RECORD_SNAPSHOTS"] == "1" {
            try outcome.output.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try outcome.output == String(contentsOf: file, encoding: .utf8))
    }

    @Test(arguments: commands) func helpFitsATerminal(command: String) {
        let text = command.isEmpty ? Outcome("--help").output : Outcome(command, "--help").output
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }

    @Test func helpWinsOverWrongArguments() {
        #expect(Outcome("run", "--nonsense", "--help").code == 0)
        #expect(Outcome("run", "-h").output == Outcome("run", "--help").output)
    }

    @Test func afterTwoDashesHelpIsAnOrdinaryWord() throws {
        let command = try RunCommand(ArgumentParser.parse(["--", "--help"], as: RunCommand.declaration))
        #expect(command.configuration == "--help")
    }

    @Test func everyExampleIsAValidCommandLine() throws {
        for command in CommandLineTool.commands {
            for example in command.declaration.examples {
                let words = example.split(separator: " ").map { String($0) }
                #expect(words.prefix(2) == ["daqctl", command.declaration.name])
                _ = try command.init(ArgumentParser.parse(Array(words.dropFirst(2)), as: command.declaration))
            }
        }
    }
}
