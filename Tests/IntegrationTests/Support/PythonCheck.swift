import Foundation
import Testing

/// Scripts in Tests/Python, which share no code with the library.
enum PythonCheck {
    /// Starts a script.
    static func start(_ script: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) throws
        -> RunningProgram
    {
        let python = try #require(TestEnvironment.python, sourceLocation: sourceLocation)
        let path = TestEnvironment.package.appending(path: "Tests/Python/\(script)").path(percentEncoded: false)
        return try RunningProgram(python, ["-B", path] + arguments)
    }

    /// Runs a script, which must succeed.
    ///
    /// - Returns: what it has printed.
    @discardableResult
    static func run(_ script: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> String
    {
        let program = try start(script, arguments, sourceLocation: sourceLocation)
        let code = try await program.exitCode(within: 120)
        try #require(
            code == 0, "\(script) says: \(program.standardOutput)\(program.standardError)", sourceLocation: sourceLocation)
        return program.standardOutput
    }
}

/// What h5py finds in an image file.
struct StoredImages: Decodable {
    var images: Int
    var shape: [Int]
    var type: String
    var ids: [UInt64]
    var status: [Int]
    var sums: [UInt64]

    /// Reads all images of a file.
    ///
    /// - Parameters:
    ///   - others: files that must hold the same images.
    ///   - recovered: whether the file was recovered, and need not know when it ended.
    init(_ path: String, sameAs others: [String] = [], recovered: Bool = false, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let output = try await PythonCheck.run(
            "check_stack.py", (recovered ? ["--recovered"] : []) + [path] + others, sourceLocation: sourceLocation)
        self = try JSONDecoder().decode(Self.self, from: Data(output.utf8))
    }
}
