/// How fast images are sent.
public enum Pace: Sendable, Hashable {
    /// An image every so many nanoseconds, its packets spread over nine tenths of that time.
    case period(UInt64)
    /// One image after the other, at 200 MB/s over all: fast, and no default socket buffer overflows while somebody reads.
    case gentle
    /// Without a pause. Receivers need large buffers.
    case fullSpeed

    /// So many images a second.
    ///
    /// - Precondition: `rate` lies between 10⁻⁶ and 10⁹.
    public static func hertz(_ rate: Double) -> Pace {
        precondition(rate >= 1e-6 && rate <= 1e9, "a rate lies between 1e-6 and 1e9 Hz")
        return .period(UInt64((1e9 / rate).rounded()))
    }

    static let gentleBytesPerSecond: UInt64 = 200_000_000

    /// Nanoseconds that so many bytes take at the gentle pace.
    static func gentleTime(bytes: Int) -> UInt64 { UInt64(bytes) * 1_000_000_000 / gentleBytesPerSecond }
}
