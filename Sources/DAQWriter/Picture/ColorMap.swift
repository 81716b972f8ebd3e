/// How the brightness of a pixel is shown.
public enum ColorMap: String, Sendable, CaseIterable {
    /// Black to white; pixels without a measurement are blue.
    case grey
    /// Black over red and yellow to white; pixels without a measurement are blue.
    case hot

    /// Red, green and blue of 256 entries: 0 to 254 from dark to bright, 255 for pixels without a measurement.
    var palette: [UInt8] {
        var palette: [UInt8] = []
        palette.reserveCapacity(768)
        for level in 0..<255 {
            switch self {
            case .grey: palette += [UInt8](repeating: UInt8(level), count: 3)
            case .hot: palette += [0, 85, 170].map { UInt8(max(0, min(255, (level - $0) * 3))) }
            }
        }
        return palette + [40, 60, 200]
    }
}
