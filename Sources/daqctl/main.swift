import Glibc

exit(
    CommandLineTool.run(
        arguments: Array(CommandLine.arguments.dropFirst()), output: FileOutput.standardOutput, error: FileOutput.standardError))
