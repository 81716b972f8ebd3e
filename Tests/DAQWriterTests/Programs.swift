import Glibc

/// Programs that were built beside the tests.
enum Programs {
    /// `daqctl`: the one `DAQCTL` names, or the one of a plain build.
    static let daqctl: String = {
        if let path = variable("DAQCTL") { return path }
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(package)/.build/debug/daqctl"
    }()

    /// The writer that can be killed at a chosen call.
    static let crashingWriter =
        "\(daqctl.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))/daq-crashing-writer"

    /// A variable of the environment that is not empty.
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
