/// Why a command that is no run has failed.
struct CommandFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
