import CDAQKernels

/// A calibration in the form in which it is applied: for the three gain codes a pedestal and a factor, pixel by pixel.
///
/// value = (adc − pedestal) × factor in float32, with factor = 1/gain, or float32(1/photon energy)/gain: the arithmetic of
/// jungfrau_utils, bit for bit. Six planes of stacked modules, each read in order, are what keeps up with memory.
// Sendable: all properties are constants, and the memory behind them is written only by `init` and freed only by `deinit`.
final class CorrectionTables: @unchecked Sendable {
    /// Planes P0 G0 P1 G1 P2 G2.
    let planes: UnsafeBufferPointer<Float>
    /// Pixels of a plane.
    let pixels: Int
    /// 1 for pixels whose pedestal or gain is no usable number.
    let unusable: [UInt8]

    /// The tables for a detector of `modules` modules.
    ///
    /// - Throws: when planes are missing or do not have the size of the detector.
    init(
        _ calibration: Calibration, _ settings: CalibrationConfiguration, modules: Int, shape: ModuleShape
    ) throws(CalibrationError) {
        let count = modules * shape.pixels
        let (pedestals, gains) = try Self.stages(calibration, highGain: settings.highGain)
        for (kind, planes) in [("pedestal", calibration.pedestals), ("gain", calibration.gains)] {
            for plane in planes where plane.count != count {
                throw .size(kind: kind, found: plane.count, modules: modules, pixelsPerModule: shape.pixels)
            }
        }
        var numerator: Float = 1
        if let factor = settings.factor {
            guard factor > 0, factor.isFinite, Float(1 / factor).isNormal else { throw .factor(factor) }
            numerator = Float(1 / factor)
        }
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 6 * count)
        var unusable = [UInt8](repeating: 0, count: count)
        for stage in 0..<3 {
            // Every plane has `count` values, as checked, and stage 2 ends at 6 × count.
            let planned = buffer.baseAddress.map { $0 + 2 * stage * count }
            let pedestal = calibration.pedestals[pedestals[stage]]
            let gain = calibration.gains[gains[stage]]
            cdaq_plan_stage(pedestal, gain, numerator, count, planned, planned.map { $0 + count }, &unusable)
        }
        planes = UnsafeBufferPointer(buffer)
        pixels = count
        self.unusable = unusable
    }

    deinit { planes.deallocate() }

    /// Which stored planes serve gain stages 0, 1 and 2.
    ///
    /// High gain: with 4 planes the last one serves all stages; 6 gain planes have G1 and G2 of their own, and 3 pedestal
    /// planes are used as they are.
    private static func stages(
        _ calibration: Calibration, highGain: Bool
    ) throws(CalibrationError) -> (pedestals: [Int], gains: [Int]) {
        let pedestals = calibration.pedestals.count
        let gains = calibration.gains.count
        guard pedestals == 3 || pedestals == 4 else { throw .planes(kind: "pedestal", found: pedestals, expected: "3 or 4") }
        if !highGain {
            guard [3, 4, 6].contains(gains) else { throw .planes(kind: "gain", found: gains, expected: "3, 4 or 6") }
            return ([0, 1, 2], [0, 1, 2])
        }
        guard gains == 4 || gains == 6 else { throw .planes(kind: "gain", found: gains, expected: "4 or 6 (for high gain)") }
        return (pedestals == 4 ? [3, 3, 3] : [0, 1, 2], gains == 4 ? [3, 3, 3] : [3, 4, 5])
    }
}
