/// Why a file could not be written or read.
///
/// ``code`` is for programs; the description is one line for people: what was tried, with what, what went wrong, what to do.
public struct HDF5Error: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure, of which there may be more later.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// Short name of the kind.
        public let description: String

        /// The file exists and may not be replaced.
        public static let exists = Code(description: "exists")
        /// There is no such file, directory, dataset or image.
        public static let notFound = Code(description: "not found")
        /// A directory stands where a file was expected, or a file where a directory was.
        public static let wrongKind = Code(description: "wrong kind")
        /// The permissions do not allow it.
        public static let permission = Code(description: "permission")
        /// The file system is mounted read-only.
        public static let readOnly = Code(description: "read-only")
        /// There is no space left for what is to be stored, or the quota is used up.
        public static let diskFull = Code(description: "disk full")
        /// The disk, or the way to it, is out of order.
        public static let disk = Code(description: "disk")
        /// The file is not an HDF5 file.
        public static let notHDF5 = Code(description: "not HDF5")
        /// The file is an HDF5 file, but cut off or damaged.
        public static let damaged = Code(description: "damaged")
        /// Another program holds the file open.
        public static let locked = Code(description: "locked")
        /// Shapes, types or the order of calls do not fit.
        public static let mismatch = Code(description: "mismatch")
        /// Anything else that the HDF5 library or the system reported.
        public static let library = Code(description: "library")
    }

    /// The kind of failure.
    public let code: Code
    /// What was tried, such as "create the file".
    public let operation: String
    /// The file, with the object in it after a colon.
    public let path: String
    /// What was found instead; for failures inside the library its own error stack, innermost message first.
    public let detail: String
    /// What to do about it; may be empty.
    public let advice: String

    /// A failure.
    public init(_ code: Code, operation: String, path: String, detail: String, advice: String = "") {
        self.code = code
        self.operation = operation
        self.path = path
        self.detail = detail
        self.advice = advice
    }

    /// The same, of a file that has another name by now.
    func renamed(from old: String, to new: String) -> HDF5Error {
        HDF5Error(
            code, operation: operation, path: path.replacing(old, with: new), detail: detail.replacing(old, with: new),
            advice: advice)
    }

    /// One line for people.
    public var description: String {
        "cannot \(operation) \(path): \(detail)" + (advice.isEmpty ? "" : "; \(advice)")
    }
}
