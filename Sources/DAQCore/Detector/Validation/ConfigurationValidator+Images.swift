extension ConfigurationValidator {
    /// Whether images can be corrected as wanted.
    mutating func checkCorrection() {
        guard isSound("detector_type", "ring.content") else { return }
        guard configuration.content == .corrected else { return }
        guard configuration.type.isJungfrau else {
            return report(
                .conflict, at: "ring.content", expected: "\"raw\" for \(configuration.type.rawValue)", found: "\"corrected\"",
                hint: "only JUNGFRAU images are corrected")
        }
        guard isSound("calibration.double_pixels"), configuration.calibration.doublePixels == .interpolate else { return }
        if configuration.calibration.factor != nil {
            report(
                .conflict, at: "calibration.double_pixels", expected: "\"keep\" or \"mask\" together with calibration.factor",
                found: "\"interpolate\"", hint: "charge is shared in keV, not in photons")
        }
        if !hasGapPixels {
            report(
                .conflict, at: "calibration.double_pixels",
                expected: "modules placed with gap pixels (1030 × 514) to share charge with", found: "\"interpolate\"")
        }
    }

    private var hasGapPixels: Bool {
        guard isSound("geometry", "gap_pixels", "module_positions", "image_pixel_width", "image_pixel_height") else {
            return true
        }
        if configuration.geometry != nil { return configuration.gapPixels }
        return configuration.modulePositions.values.allSatisfy { max($0.width, $0.height) == 1030 }
    }

    /// Values that stand for nothing must exist in the type of the pixels.
    mutating func checkPixelValues() {
        guard isSound("detector_type", "bit_depth", "ring.content", "calibration.factor") else { return }
        let type = configuration.imagePixelType
        var values = [("missing_value", configuration.missingValue), ("gap_value", configuration.gapValue)]
        if configuration.content == .corrected {
            values.append(("calibration.masked_value", configuration.calibration.maskedValue))
        }
        for (key, value) in values where isSound(key) && value.bits(as: type) == nil {
            let found =
                switch value {
                case .number(let number): "\(number)"
                case .notANumber: "\"nan\""
                case .extreme: "\"default\""
                }
            report(at: ConfigurationPath(key), expected: "a value that a pixel of type \(type) can have", found: found)
        }
    }

    /// Whether the ring is large enough to work at all.
    mutating func checkMemory() {
        guard
            isSound(
                "detector_type", "bit_depth", "image_pixel_height", "image_pixel_width", "ring.bytes", "ring.content",
                "ram_buffer_gb", "receive.window", "calibration.factor", "geometry"),
            configuration.ring.budgetBytes != 0
        else { return }
        let needed = MemoryPlan.leastRingBytes(for: configuration)
        guard configuration.ring.budgetBytes < needed else { return }
        report(
            .conflict, at: "ring.bytes",
            expected: "at least \(needed) bytes, for \(configuration.receive.window + MemoryPlan.spareSlots) images",
            found: "\(configuration.ring.budgetBytes) bytes", hint: "0 takes as much as is needed")
    }
}
