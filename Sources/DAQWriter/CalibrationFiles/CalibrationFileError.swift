/// Why a calibration file cannot be used.
public struct CalibrationFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, with the dataset in it after a colon.
    public let path: String
    /// What is wrong: what was expected and what was found.
    public let problem: String
    /// What to do about it; may be empty.
    public let advice: String

    /// A failure.
    public init(path: String, problem: String, advice: String = "") {
        self.path = path
        self.problem = problem
        self.advice = advice
    }

    /// One line for people.
    public var description: String { "calibration file \(path): \(problem)" + (advice.isEmpty ? "" : "; \(advice)") }
}
