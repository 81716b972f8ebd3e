/// A run that did not do all it was asked for; the summary has been shown.
struct RunFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { "the run has failed: \(reason)" }
}
