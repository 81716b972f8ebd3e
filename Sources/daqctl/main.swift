import Glibc

let words = Array(CommandLine.arguments.dropFirst())
if let command = words.first, CommandLineTool.fileCommands.contains(command) { CrashGuard.install(command: command) }
exit(CommandLineTool.run(arguments: words, output: FileOutput.standardOutput, error: FileOutput.standardError))
