/// One thing about a host that matters for taking data: what was found, what is better, why, and how to change it.
public struct Finding: Sendable, Equatable {
    /// How much it matters.
    public enum Severity: String, Sendable, Hashable, CaseIterable {
        /// Data cannot be taken.
        case problem
        /// Data may be lost.
        case warning
        /// Data can be taken; something could be better.
        case advice
        /// The fact could not be read on this host, so nothing is said about it.
        case unknown
        /// As it should be.
        case ok
    }

    /// Which check found it, such as `socket-buffer`; stays the same between versions.
    public let check: String
    /// How much it matters.
    public let severity: Severity
    /// What is so on this host.
    public let found: String
    /// What would be better.
    public let recommended: String?
    /// Why it matters.
    public let reason: String?
    /// The command that changes it, or shows more where nothing can be changed by a command.
    public let command: String?

    /// A finding.
    public init(
        _ severity: Severity, _ check: String, _ found: String, recommended: String? = nil, reason: String? = nil,
        command: String? = nil
    ) {
        self.check = check
        self.severity = severity
        self.found = found
        self.recommended = recommended
        self.reason = reason
        self.command = command
    }
}
