/// What a dark run says about every pixel of the stacked modules.
public struct Pedestal: Sendable {
    /// Mean dark value in ADU: planes of G0, G1 and G2.
    public let means: [[Double]]
    /// Standard deviation in ADU (the field says RMS): planes of G0, G1 and G2.
    public let deviations: [[Double]]
    /// Why pixels are bad; 0 for good ones.
    ///
    /// Bit 1 + g + 4 × high gain: seen in another gain while stage g (0, 1, 3) was set; bit 9 + g: no noise.
    public let mask: [Int64]
    /// The frames it is made of.
    public let counts: DarkFrameCounts
}

/// How many frames of a dark run were used, and why others were not.
public struct DarkFrameCounts: Sendable, Equatable {
    /// Why a frame is not used.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Packets are missing.
        case incomplete
        /// The modules are not all set to the same gain.
        case modulesDisagree
        /// Too few pixels are in the gain the detector was set to.
        case wrongGain
    }
    /// Frames used for G0, G1 and G2.
    public internal(set) var used = [0, 0, 0]
    /// Frames skipped, by reason.
    public internal(set) var skipped: [Reason: Int] = [:]

    /// No frames yet.
    public init() {}
}

/// Why a dark run makes no pedestal.
public enum PedestalError: Error, Equatable, CustomStringConvertible {
    /// No frame shows a gain stage.
    case noFrames(stage: Int, DarkFrameCounts)
    /// Every pixel is bad.
    case noGoodPixel(DarkFrameCounts)

    /// What was expected, what was found, and what to do.
    public var description: String {
        switch self {
        case .noFrames(let stage, let counts):
            "no usable dark frame of gain stage G\(stage) (used \(counts.used), skipped \(Self.text(counts))); "
                + "a dark run needs frames in dynamic gain, fixed G1 and fixed G2"
        case .noGoodPixel(let counts):
            "no pixel is good after \(counts.used) dark frames of G0, G1, G2 (skipped \(Self.text(counts))); "
                + "was every stage really dark and set?"
        }
    }

    private static func text(_ counts: DarkFrameCounts) -> String {
        let skipped = counts.skipped.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        return skipped.isEmpty ? "none" : skipped.joined(separator: ", ")
    }
}
