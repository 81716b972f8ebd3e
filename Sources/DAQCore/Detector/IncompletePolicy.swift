/// What happens to an image that still lacks packets when it is due.
public enum IncompletePolicy: String, Sendable, Hashable, CaseIterable {
    /// It is published with the missing pixels set to the missing value.
    case emit
    /// It is dropped and counted.
    case drop
}
