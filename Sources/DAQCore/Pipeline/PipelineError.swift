/// Why sinks of a running pipeline cannot be changed as asked.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
    /// The run has ended, or has not begun.
    case notRunning
    /// Another sink has the name.
    case nameTaken(String)
    /// No sink has the name.
    case noSuchSink(String, known: [String])

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .notRunning: "the run has ended or has not begun; sinks can be added and removed while it goes on"
        case .nameTaken(let name): "there is a sink \(name) already; remove it first, or give the new one another name"
        case .noSuchSink(let name, let known):
            "there is no sink \(name); there " + (known.isEmpty ? "is none" : "are: \(known.joined(separator: ", "))")
        }
    }
}
