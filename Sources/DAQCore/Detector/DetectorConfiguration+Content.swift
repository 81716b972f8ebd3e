extension DetectorConfiguration {
    /// What the images of the ring hold: what `ring.content` says, or else what is usual for the type of detector.
    public var content: RingConfiguration.Content { ring.content ?? (type == .jungfrauConverted ? .corrected : .raw) }

    /// Whether the images are corrected, so that a pedestal and a gain file are needed.
    public var requiresCalibration: Bool { content == .corrected }

    /// Why images cannot be corrected: `calibration.pedestal` or `calibration.gain` is needed and not there; otherwise `nil`.
    ///
    /// Only a warning when a document is read, since std-daq documents name no calibration; a run must refuse.
    public var missingCalibration: ConfigurationProblem? {
        guard requiresCalibration else { return nil }
        let missing = [
            calibration.pedestal == nil ? "calibration.pedestal" : nil, calibration.gain == nil ? "calibration.gain" : nil,
        ].compactMap { $0 }
        guard let first = missing.first else { return nil }
        return ConfigurationProblem(
            .missingKey, at: ConfigurationPath(first),
            expected: "\(missing.joined(separator: " and ")) to correct images of type \(type.rawValue)", found: "nothing",
            hint: "or set ring.content to \"raw\"")
    }

    /// Type of the pixels that the detector sends.
    public var sentPixelType: PixelType {
        if let pixelType = source?.pixelType { return pixelType }
        guard type == .eiger || type.sendsImages else { return .uint16 }
        return switch bitDepth {
        case 8: .uint8
        case 32: .uint32
        default: .uint16
        }
    }

    /// Type of the pixels of an image: as sent, or after correction keV (float32) or photons (int32).
    public var imagePixelType: PixelType {
        switch content {
        case .raw: sentPixelType
        case .corrected: calibration.factor == nil ? .float32 : .int32
        }
    }

    /// Shape and pixel type of the images in the ring.
    public var imageFormat: ImageFormat { ImageFormat(width: imageWidth, height: imageHeight, pixelType: imagePixelType) }

    /// Whether the gap pixels between chips are written with every image: charge of the wide pixels beside them is shared with them.
    var sharesGaps: Bool { content == .corrected && calibration.doublePixels == .interpolate }

    /// Whether the pixels of an image are raw words whose two upper bits are the gain stage, so that they cannot be added up.
    package var hasGainBits: Bool { type.isJungfrau && content == .raw }
}
