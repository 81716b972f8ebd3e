import Glibc

/// One parser of outside bytes, and what must hold for any bytes.
package struct FuzzTarget: Sendable {
    /// Name, also of the folders of its inputs.
    package let name: String
    /// Longer inputs show nothing new.
    package let maximumBytes: Int
    /// Handles one input; ends the process when something does not hold.
    package let run: @Sendable (UnsafeRawBufferPointer) -> Void
    /// Valid inputs to begin with, by name.
    package let seeds: @Sendable () -> [(name: String, bytes: [UInt8])]

    /// All targets.
    package static let all: [FuzzTarget] = {
        var all = [packets, receiver, pcap, dump, configuration, overrides, streams]
        #if Compression
            all.append(chunk)
        #endif
        return all
    }()

    /// Name and longest input of every target, a line each.
    package static func list() {
        for target in all { print(target.name, target.maximumBytes) }
    }

    /// The target of a name.
    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Ends the process with a message when something does not hold, also in release builds.
func require(_ holds: Bool, _ message: @autoclosure () -> String, line: UInt = #line, file: StaticString = #fileID) {
    guard !holds else { return }
    StandardError.write("\(file):\(line): \(message())")
    abort()
}

/// Standard error without a buffer, which would be lost in a crash.
package enum StandardError {
    /// Writes a line.
    package static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
