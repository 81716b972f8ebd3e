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

    /// `payload_bytes` when the document does not say: the pixels of one datagram over 10 Gbit/s.
    public var defaultPayloadBytes: Int {
        switch self {
        case .eiger: 4096
        case .moench: 6400
        case .jungfrauRaw, .jungfrauConverted: 8192
        case .gigafrost, .pco: 0
        }
    }
}
