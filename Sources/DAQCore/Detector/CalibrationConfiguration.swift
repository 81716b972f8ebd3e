/// How raw JUNGFRAU words become physical values (`calibration.*`).
public struct CalibrationConfiguration: Sendable, Equatable {
    /// What becomes of pixels with the invalid gain code 10.
    public enum InvalidGain: String, Sendable, Hashable, CaseIterable {
        case mask
        /// Treated as the third gain stage, as jungfrau_utils does.
        case thirdStage = "third-stage"
    }
    /// What becomes of the pixels at chip borders, which are twice as wide.
    public enum DoublePixels: String, Sendable, Hashable, CaseIterable {
        case keep, mask
        /// Their charge is shared with the gap pixels beside them.
        case interpolate
    }
    /// What becomes of the outermost pixels of a module.
    public enum ModuleEdges: String, Sendable, Hashable, CaseIterable {
        case keep, mask
    }

    /// `calibration.pedestal`: a pedestal file.
    public var pedestal: String?
    /// `calibration.gain`: a gain file, HDF5 or the detector group's binary maps (one path a module, separated by commas).
    public var gain: String?
    /// `calibration.mask`: a file whose `/pixel_mask` replaces the one of the pedestal file.
    public var mask: String?
    /// `calibration.invalid_gain`.
    public var invalidGain = InvalidGain.mask
    /// `calibration.masked_value`.
    public var maskedValue = PixelValue.extreme
    /// `calibration.high_gain`: the detector runs in high-gain mode.
    public var highGain = false
    /// `calibration.factor`: energy of one photon in keV; the corrected image is then int32 photons instead of float32 keV.
    public var factor: Double?
    /// `calibration.double_pixels`.
    public var doublePixels = DoublePixels.keep
    /// `calibration.module_edges`.
    public var moduleEdges = ModuleEdges.keep

    /// The defaults.
    public init() {}
}
