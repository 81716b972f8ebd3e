/// Why a write session could not go on.
public struct SessionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, and what to do about it.
    public let reason: String

    /// The same.
    public var description: String { reason }
}
