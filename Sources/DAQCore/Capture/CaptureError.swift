/// Why a capture file cannot be read or written.
public struct CaptureError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: Sendable, Hashable {
        /// The operating system refused; the message has its reason.
        case system
        /// The file is of another kind.
        case notACapture
        /// A capture of a link type that is not known here.
        case linkType
        /// A record claims a length that cannot be; nothing after it can be found.
        case recordLength
        /// A folder holds nothing to replay.
        case empty
        /// A datagram to be written is longer than UDP allows.
        case datagramLength
    }
    /// What kind of problem it is.
    public let code: Code
    /// The file or folder.
    public let path: String
    /// What was expected, what was found, and what to do.
    public let message: String

    /// A problem with a file or folder.
    public init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// One line for people.
    public var description: String { "\(path): \(message)" }
}
