import Foundation

/// A child process whose outputs go to files, so that it never waits for the test; the test never waits for it without a limit.
final class RunningProgram {
    private let process = Process()
    private let folder: WorkFolder
    private let name: String
    private static let pause = Duration.milliseconds(10)

    /// Starts a program.
    ///
    /// - Parameter standardOutput: where its output goes instead of a file.
    init(_ program: String, _ arguments: [String], standardOutput: FileHandle? = nil) throws {
        folder = try WorkFolder()
        name = ([URL(filePath: program).lastPathComponent] + arguments.prefix(1)).joined(separator: " ")
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try standardOutput ?? Self.file(folder["stdout"])
        process.standardError = try Self.file(folder["stderr"])
        try process.run()
    }

    // Whatever happens in a test, nothing outlives it.
    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The child's process id.
    var id: Int32 { process.processIdentifier }
    /// What it has said so far.
    var standardOutput: String { text("stdout") }
    /// What it has complained about so far.
    var standardError: String { text("stderr") }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for something to become true while the program runs.
    ///
    /// - Throws: when the program has ended without it, or the time is over.
    func wait(for what: String, seconds: Double = 30, until isTrue: (RunningProgram) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            // Asked before, so that what was written last is seen.
            let isRunning = process.isRunning
            if isTrue(self) { return }
            guard isRunning else { throw failure("ended before \(what)") }
            guard ContinuousClock.now < deadline else { throw failure("not \(what) within \(seconds) s") }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit code, or 128 and the signal that ended it, as shells say it.
    /// - Throws: when it goes on too long; it is killed then.
    func exitCode(within seconds: Double = 60) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                send(SIGKILL)
                throw failure("not ended within \(seconds) s")
            }
            try await Task.sleep(for: Self.pause)
        }
        return (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus
    }

    /// An error with everything the program has said.
    func failure(_ problem: String) -> Failure {
        Failure("\(name): \(problem)\n\(standardError.suffix(2000))\n\(standardOutput.suffix(2000))")
    }

    private func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: folder[file]) ?? Data(), as: UTF8.self)
    }

    private static func file(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw Failure("cannot create \(path)")
        }
        return handle
    }
}
