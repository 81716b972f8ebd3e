/// What a reader finds when it asks whether more images may come.
public enum RingCondition: Sendable, Equatable {
    /// Its owner runs.
    case running
    /// Its owner has ended it; the images can be read as long as the reader exists.
    case ended
    /// Its owner has died; the images can be read, and another owner may go on.
    case orphaned
    /// A new owner has made other objects of the same name: attach again.
    case replaced
}
