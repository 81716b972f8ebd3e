/// Why a write request was not accepted: nothing was written.
public struct WriteRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of refusal, of which there may be more later.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// Short name of the kind.
        public let description: String

        /// The name of the file cannot be made.
        public static let name = Code(description: "name")
        /// The file would not be under one of the roots.
        public static let outsideRoots = Code(description: "outside roots")
        /// The file exists, or another session writes it.
        public static let exists = Code(description: "exists")
        /// The file cannot be created there.
        public static let path = Code(description: "path")
        /// The files cannot be given to the owner or the group.
        public static let ownership = Code(description: "ownership")
        /// This program was built without what the request needs, or the file format cannot do it.
        public static let unsupported = Code(description: "unsupported")
        /// The images are not in the ring any more, or more are wanted from it than a session may hold.
        public static let history = Code(description: "history")
        /// There are too many sessions, or no more images come.
        public static let busy = Code(description: "busy")
    }

    /// The kind of refusal.
    public let code: Code
    /// What would have been right.
    public let expected: String
    /// What is there instead.
    public let found: String
    /// What to do about it; may be empty.
    public let advice: String

    /// A refusal.
    public init(_ code: Code, expected: String, found: String, advice: String = "") {
        self.code = code
        self.expected = expected
        self.found = found
        self.advice = advice
    }

    /// One line for people.
    public var description: String {
        "expected \(expected), found \(found)" + (advice.isEmpty ? "" : "; \(advice)")
    }
}
