import DAQBuffer
import DAQCore
import DAQWriter

extension Reporter {
    /// Reads a configuration document and shows its warnings.
    ///
    /// That a calibration is needed and not named is left to who needs it (``calibration(of:)``).
    func document(_ path: String, settings: [Setting], strict: Bool = false) throws -> ConfigurationDocument {
        let document = try ConfigurationDocument(contentsOf: path, overrides: settings.map(\.text), strict: strict)
        let calibration = document.configuration.missingCalibration
        for problem in document.warnings where problem.path != calibration?.path { warning("\(problem)") }
        return document
    }

    /// Reads a configuration and shows its warnings.
    func configuration(_ path: String, settings: [Setting], strict: Bool = false) throws -> DetectorConfiguration {
        try document(path, settings: settings, strict: strict).configuration
    }

    /// Reads a configuration for work on packets.
    ///
    /// - Throws: ``CommandFailure`` when the detector sends none.
    func packetConfiguration(_ path: String, settings: [Setting]) throws -> DetectorConfiguration {
        let detector = try configuration(path, settings: settings)
        guard detector.type.sendsImages else { return detector }
        let address = detector.source?.endpoint ?? detector.forwardSource?.address ?? "elsewhere"
        throw CommandFailure(reason: "\(detector.name) sends no packets: its images come from \(address)")
    }

    /// Shows why messages of a stream were refused.
    func warning(_ refusal: StreamRefusal) {
        warning("messages were refused, the last one because: \(refusal)")
    }

    /// Reads the calibration that corrected images need, and shows what is odd about it.
    ///
    /// - Returns: `nil` for raw images, and for those of another host, which are corrected already.
    func calibration(of detector: DetectorConfiguration) throws -> Calibration? {
        guard detector.requiresCalibration, detector.forwardSource == nil else { return nil }
        if let problem = detector.missingCalibration { throw ConfigurationError(source: detector.name, problems: [problem]) }
        let loaded = try LoadedCalibration(detector)
        for text in loaded.notes { warning(text) }
        return loaded.calibration
    }
}
