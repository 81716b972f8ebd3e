/// Why sending cannot begin.
public struct SenderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: Sendable, Hashable {
        /// A host name has no IPv4 address.
        case unknownHost
        /// A port lies outside 1 to 65535.
        case port
        /// A socket could not be opened.
        case socket
        /// No destination was given.
        case noDestination
        /// A rate or speed that cannot be.
        case rate
    }
    /// What kind of problem it is.
    public let code: Code
    /// What was expected, what was found, and what to do.
    public let description: String

    /// A problem.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
