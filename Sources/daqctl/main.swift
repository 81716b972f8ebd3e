import Glibc

let words = Array(CommandLine.arguments.dropFirst())
if let command = words.first, CommandLineTool.fileCommands.contains(command) {
    // More for very large files on slow processors, less for tests.
    let patience = getenv("DAQ_PATIENCE").flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    CrashGuard.install(command: command, patience: patience ?? 30)
}
exit(CommandLineTool.run(arguments: words, output: FileOutput.standardOutput, error: FileOutput.standardError))
