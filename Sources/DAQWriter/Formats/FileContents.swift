public import DAQCore

/// What a file says about its run besides the images.
public struct FileContents: Sendable {
    /// A file that pixels were corrected with.
    public struct CalibrationFile: Sendable, Hashable {
        /// What it is: `pedestal`, `gain` or `mask`.
        public var role: String
        /// Where it was.
        public var path: String
        /// A checksum of its bytes, with the name of the method; empty when nobody computed one.
        public var checksum: String

        /// A file that was used.
        public init(role: String, path: String, checksum: String = "") {
            self.role = role
            self.path = path
            self.checksum = checksum
        }
    }

    /// The configuration in use.
    public var configuration: DetectorConfiguration
    /// Whether ``configuration`` is that of the detector; otherwise only its name is, and files say nothing else of it.
    public var isConfigurationKnown = true
    /// Shape and pixel type of the images.
    public var format: ImageFormat
    /// The configuration document as it was read; empty when there was none.
    public var configurationText = ""
    /// The files that pixels were corrected with.
    public var calibration: [CalibrationFile]
    /// The revision of the calibration, when it has one.
    public var calibrationRevision: Int?
    /// Bits of bad pixels as NXmx defines them (bit 0 no sensor, bit 1 not usable), row by row; `nil` leaves the mask out.
    public var pixelMask: [UInt32]?
    /// What was measured; what the configuration says of it, unless it is changed.
    public var experiment: Experiment
    /// When the run began, ISO 8601.
    var startTime = UTCTime.now()

    /// The contents for a run, with the files that its configuration names.
    public init(_ run: RunDescription) {
        configuration = run.configuration
        format = run.format
        experiment = run.configuration.experiment
        let names = run.configuration.calibration
        let used =
            run.configuration.content == .corrected
            ? [("pedestal", names.pedestal), ("gain", names.gain), ("mask", names.mask)] : []
        calibration = used.compactMap { role, path in path.map { CalibrationFile(role: role, path: $0) } }
    }

    /// The mask of a detector: where no sensor is, and which pixels its calibration calls bad.
    ///
    /// - Returns: `nil` when the mask is of another shape than the images.
    /// - Throws: `GeometryError` or `CalibrationError` when the configuration cannot be used.
    public static func pixelMask(of run: RunDescription, calibration: Calibration?) throws -> [UInt32]? {
        let mask = try PixelMask(run.configuration, calibration: calibration)
        let reasons = mask.reasons()
        let good = mask.goodPixels()
        guard reasons.count == run.format.pixels, good.count == reasons.count else { return nil }
        return zip(reasons, good).map { reasons, good in
            good != 0 ? 0 : reasons & PixelMask.emptySpace != 0 ? 1 : 2
        }
    }
}
