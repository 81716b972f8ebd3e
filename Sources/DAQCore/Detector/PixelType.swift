/// The type of one pixel, in a datagram, in the ring and in a file.
public enum PixelType: String, Sendable, Hashable, Codable, CaseIterable {
    case uint8, uint16, uint32, int16, int32, float32

    /// Size of one pixel in bytes.
    public var bytes: Int {
        switch self {
        case .uint8: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        }
    }
}
