/// The kinds of detector that a configuration can name (`detector_type`).
public enum DetectorType: String, Sendable, Hashable, CaseIterable {
    case eiger
    case jungfrauRaw = "jungfrau-raw"
    case jungfrauConverted = "jungfrau-converted"
    case moench
    case gigafrost
    case pco

    /// Whether this version can receive this detector; the others are known, so that their configurations are recognised.
    public var isSupported: Bool {
        switch self {
        case .eiger, .jungfrauRaw, .jungfrauConverted, .moench: true
        case .gigafrost, .pco: false
        }
    }

    /// Whether this detector's pixels are JUNGFRAU words: two gain bits over fourteen ADC bits.
    public var isJungfrau: Bool { self == .jungfrauRaw || self == .jungfrauConverted }
}
