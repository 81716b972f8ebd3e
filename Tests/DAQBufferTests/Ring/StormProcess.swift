import DAQCore
import Foundation
import Testing

/// One process of a storm on a ring; whatever happens in a test, it does not outlive the value.
final class StormProcess {
    private let process = Process()
    private let input = Pipe()
    private let file: String

    private static let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: ".build/debug/daq-ring-storm")

    /// Starts a process in a role.
    ///
    /// - Parameter cpu: the processor to run on.
    init(_ role: String, _ ring: String, _ options: [String: Int] = [:], cpu: Int? = nil) throws {
        let words = [role, ring] + options.map { "\($0.key)=\($0.value)" }
        if let cpu {
            process.executableURL = URL(filePath: "/usr/bin/taskset")
            process.arguments = ["-c", "\(cpu)", Self.program.path(percentEncoded: false)] + words
        } else {
            process.executableURL = Self.program
            process.arguments = words
        }
        file = NSTemporaryDirectory() + "daq-storm-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: file)
        process.standardInput = input
        try process.run()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: file)
    }

    /// What it has said.
    var output: String { String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self) }

    /// Waits until it has said something.
    func wait(for text: String, seconds: Double = 30) throws {
        _ = try wait(for: text, seconds: seconds) { output.contains(text) ? true : nil }
    }

    private func wait<Result>(for text: String, seconds: Double, _ look: () -> Result?) throws -> Result {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let result = look() { return result }
            try #require(ContinuousClock.now < deadline && process.isRunning, "\(text) was not said: \(output)")
            usleep(1000)
        }
    }

    /// Waits until it has said a line that begins with a number of this name, and takes all numbers of the line.
    func numbers(beginningWith name: String, seconds: Double = 30) throws -> [String: Int] {
        try wait(for: "\(name)=", seconds: seconds) {
            // The end of the last line may not be there yet.
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return lines.first { $0.hasPrefix("\(name)=") }.map(Self.numbers)
        }
    }

    /// Its number.
    var pid: Int32 { process.processIdentifier }

    /// Lets it go on where it waits for a word.
    func goOn() throws { try input.fileHandleForWriting.write(contentsOf: [10]) }

    /// Kills it without any chance to tidy up.
    ///
    /// - Returns: when it was killed.
    @discardableResult
    func kill() -> UInt64 {
        let time = Clock.monotonic()
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return time
    }

    /// Asks it to end, and takes the numbers of its last line.
    func finish(seconds: Double = 60) throws -> [String: Int] {
        try? input.fileHandleForWriting.close()
        return try result(seconds: seconds)
    }

    /// Waits for its end, and takes the numbers of its last line.
    func result(seconds: Double = 60) throws -> [String: Int] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            try #require(ContinuousClock.now < deadline, "it does not end: \(output)")
            usleep(2000)
        }
        try #require(process.terminationStatus == 0 && process.terminationReason == .exit, "\(output)")
        return Self.numbers(output.split(separator: "\n").last ?? "")
    }

    private static func numbers(_ line: Substring) -> [String: Int] {
        var numbers: [String: Int] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=")
            if parts.count == 2 { numbers[String(parts[0])] = Int(parts[1]) }
        }
        return numbers
    }
}

/// A name that no other test has; whatever is left of the ring is removed with the value.
final class RingName {
    let text = "test-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString.prefix(8))"

    /// The objects of the ring that have a name, in order.
    var objects: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []).filter { $0.contains(text) }.sorted()
    }

    deinit { for object in objects { shm_unlink("/" + object) } }
}

/// How much the storms do: a little in every run of the tests, everything with `DAQ_TEST_STORM=full`.
enum Storm {
    static let isFull = ProcessInfo.processInfo.environment["DAQ_TEST_STORM"] == "full"
    static func count(_ full: Int, _ short: Int) -> Int { isFull ? full : short }
}
