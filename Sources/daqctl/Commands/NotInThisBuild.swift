/// The failure of a command whose work this build cannot do.
struct NotInThisBuild: Error, CustomStringConvertible {
    /// What cannot be done, to be read before "is not part of this build".
    let work: String

    var description: String { "\(work) is not part of this build; use a build that contains it (daqctl version)" }
}
