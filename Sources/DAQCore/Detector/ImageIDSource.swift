/// Where the id of an image comes from.
public enum ImageIDSource: Sendable, Hashable {
    /// The header's frame number.
    case frameNumber
    /// The header's bunch id, an unsigned integer.
    case bunchID
    /// The header's bunch id, written as a double (PSI's JUNGFRAU).
    case bunchIDFloat64
}
