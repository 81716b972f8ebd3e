import Synchronization

@testable import daqctl

/// Keeps what was written.
final class MemoryOutput: TextOutput {
    let isTerminal: Bool
    private let content = Mutex("")

    init(isTerminal: Bool = false) { self.isTerminal = isTerminal }

    var text: String { content.withLock { $0 } }
    var lines: [String] { text.split(separator: "\n").map { String($0) } }

    func write(_ text: String) { content.withLock { $0 += text } }
}

/// What a command line printed, and its exit code.
struct Outcome {
    let code: Int32
    let output: String
    let error: String

    init(_ words: String...) {
        let output = MemoryOutput()
        let error = MemoryOutput()
        code = CommandLineTool.run(arguments: words, output: output, error: error)
        self.output = output.text
        self.error = error.text
    }
}
