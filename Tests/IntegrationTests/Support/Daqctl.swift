import Foundation
import Testing

/// Runs of `daqctl`.
enum Daqctl {
    /// What a finished command has left.
    struct Outcome {
        let code: Int32
        let output: String
        let error: String

        /// The summary that it wrote: the last object, unless the command has failed after it.
        func summary<Summary: Decodable>(as: Summary.Type = Summary.self) throws -> Summary {
            let lines = output.split(separator: "\n")
            guard let line = lines.last(where: { !$0.hasPrefix(#"{"event":"failed""#) }) else {
                throw Failure("no summary was written\n\(error)")
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            do {
                return try decoder.decode(Summary.self, from: Data(line.utf8))
            } catch {
                throw Failure("\(error): \(line)\n\(self.error)")
            }
        }
    }

    /// Starts a command.
    ///
    /// - Parameter before: words before the program's name, such as those that take privileges away.
    static func start(
        _ arguments: [String], after before: [String] = [], standardOutput: FileHandle? = nil
    ) throws -> RunningProgram {
        let words = before + [TestEnvironment.daqctl] + arguments
        return try RunningProgram(words[0], Array(words.dropFirst()), standardOutput: standardOutput)
    }

    /// Starts a command that receives, and waits until it is ready.
    static func receive(_ arguments: [String]) async throws -> RunningProgram {
        let program = try start(arguments)
        try await program.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
        return program
    }

    /// Waits for the end of a command.
    static func finish(_ program: RunningProgram, within seconds: Double = 60) async throws -> Outcome {
        let code = try await program.exitCode(within: seconds)
        return Outcome(code: code, output: program.standardOutput, error: program.standardError)
    }

    /// Runs a command to its end.
    static func run(_ arguments: [String], after before: [String] = [], within seconds: Double = 60) async throws -> Outcome {
        try await finish(start(arguments, after: before), within: seconds)
    }

    /// Sends with a command that must succeed, and returns what it has sent.
    @discardableResult
    static func send(_ arguments: [String], within seconds: Double = 60) async throws -> SenderSummary {
        let outcome = try await run(arguments + ["--json"], within: seconds)
        try #require(outcome.code == 0, "\(outcome.error)")
        return try outcome.summary()
    }

    /// Waits for a command that receives, which must succeed, and returns its summary.
    static func summary(of program: RunningProgram, within seconds: Double = 60) async throws -> RunSummary {
        let outcome = try await finish(program, within: seconds)
        try #require(outcome.code == 0, "\(outcome.error)")
        return try outcome.summary()
    }
}

/// The summary of `daqctl run --json`.
struct RunSummary: Decodable {
    struct Sink: Decodable {
        var name: String
        var offered: Int
        var stored: Int
        var dropped: [String: Int]
        var failure: String?
    }
    struct Ledger: Decodable {
        var balanced: Bool
        var images: Images
        var packets: Packets
    }
    struct Images: Decodable {
        var expected, complete, partial, missing, missingPackets, segments: Int
        var dropped: [String: Int]
    }
    struct Packets: Decodable {
        var received, placed, duplicate, late, held, kernelDropped, positionChanged: Int
        var malformed, foreign, discarded: [String: Int]
    }

    struct IncompleteImage: Decodable {
        struct Run: Decodable { var stream, first, last: Int }
        var segment: Int
        var id: UInt64
        var missing: [Run]
    }

    struct Session: Decodable {
        var file, state: String
        var reason: String?
        var flushed: Int
    }

    var images: Int
    var lossless: Bool
    var sessions: [Session]
    var incompleteImages: [IncompleteImage]
    var files: [String]
    var sinks: [Sink]
    var ledger: Ledger
}

/// The summary of `daqctl simulate --json` and `daqctl replay --json`.
struct SenderSummary: Decodable {
    struct Faults: Decodable {
        var lost, dropped, duplicated, delayed: Int
        var corrupted: [String: Int]
        var lostPackets: [String]
        var corruptedPackets: [CorruptedPacket]
    }
    struct CorruptedPacket: Decodable {
        var packet, kind: String
        var offset: Int
    }

    var images, packets: Int
    var faults: Faults
}
