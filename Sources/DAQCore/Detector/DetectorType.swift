/// The kinds of detector that a configuration can name (`detector_type`).
public enum DetectorType: String, Sendable, Hashable, CaseIterable {
    case eiger
    case jungfrauRaw = "jungfrau-raw"
    case jungfrauConverted = "jungfrau-converted"
    case moench
    case gigafrost
    case pco
    /// Any sender of whole images.
    case camera

    /// Whether this version can receive this detector; the others are known, so that their configurations are recognised.
    public var isSupported: Bool {
        switch self {
        case .eiger, .jungfrauRaw, .jungfrauConverted, .moench, .pco, .camera: true
        case .gigafrost: false
        }
    }

    /// Whether it sends whole images over a stream instead of packets, so that the configuration names a source.
    public var sendsImages: Bool { self == .pco || self == .camera }

    /// Whether this detector's pixels are JUNGFRAU words: two gain bits over fourteen ADC bits.
    public var isJungfrau: Bool { self == .jungfrauRaw || self == .jungfrauConverted }

    /// `payload_bytes` when the document does not say: the pixels of one datagram over 10 Gbit/s.
    public var defaultPayloadBytes: Int {
        switch self {
        case .eiger: 4096
        case .moench: 6400
        case .jungfrauRaw, .jungfrauConverted: 8192
        case .gigafrost, .pco, .camera: 0
        }
    }

    /// Side of a pixel in metres; `nil` where it differs from camera to camera.
    public var pixelSize: Double? {
        switch self {
        case .eiger, .jungfrauRaw, .jungfrauConverted: 75e-6
        case .moench: 25e-6
        case .gigafrost: 11e-6
        case .pco, .camera: nil
        }
    }
}
