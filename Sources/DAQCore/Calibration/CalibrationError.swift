/// Why a calibration cannot be used with a detector.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
    /// The images are to be corrected, but there is no calibration.
    case absent
    /// Detectors of this type are not corrected.
    case uncorrectable(DetectorType)
    /// There are too few or too many planes of a kind.
    case planes(kind: String, found: Int, expected: String)
    /// A plane does not have one value a pixel.
    case size(kind: String, found: Int, modules: Int, pixelsPerModule: Int)
    /// The energy of a photon is not a positive number.
    case factor(Double)
    /// There is no memory for the tables.
    case memory(bytes: Int)
    /// A configured pixel value does not fit the pixels of the image.
    case value(key: String, PixelType)

    /// What was expected, what was found, and what to do.
    public var description: String {
        switch self {
        case .absent:
            "corrected images need a calibration: set calibration.pedestal and calibration.gain, or ring.content to raw"
        case .uncorrectable(let type):
            "\(type.rawValue) pixels are counts and are not corrected; set ring.content to raw"
        case .planes(let kind, let found, let expected):
            "the calibration has \(found) \(kind) planes instead of \(expected); check calibration.\(kind)"
        case .size(let kind, let found, let modules, let pixels):
            "a \(kind) plane has \(found) values instead of \(modules) modules × \(pixels) pixels; "
                + "is the file for another detector?"
        case .factor(let factor):
            "calibration.factor is \(factor); it must be the energy of a photon in keV, above 0"
        case .memory(let bytes):
            "no memory for correction tables of \(bytes >> 20) MiB; make the ring smaller or use a larger host"
        case .value(let key, let type):
            "\(key) cannot be stored in \(type.rawValue) pixels; use a number that fits, or the default"
        }
    }
}
