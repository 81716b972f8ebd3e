/// What turns raw JUNGFRAU words into physical values, for all modules of a detector.
///
/// Planes hold one value for each pixel of the stacked modules: module 0 first, row by row (`y × 1024 + x`).
public struct Calibration: Sendable, Equatable {
    /// Pedestals in ADU: planes of gain stages 0, 1, 2 and, if present, high gain.
    public var pedestals: [[Float]]
    /// Gains in ADU per keV: G0, G1, G2, HG0 and, if present, HG1, HG2.
    public var gains: [[Float]]
    /// 0 for good pixels; `nil` when all are good.
    public var mask: [Int64]?

    /// A calibration from its planes.
    public init(pedestals: [[Float]], gains: [[Float]], mask: [Int64]?) {
        self.pedestals = pedestals
        self.gains = gains
        self.mask = mask
    }
}
