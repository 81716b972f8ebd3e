import CDAQKernels
import Glibc

/// A calibration in the form in which it is applied: for the three gain codes a pedestal and a factor, pixel by pixel.
///
/// value = (adc − pedestal) × factor in float32, with factor = 1/gain, or float32(1/photon energy)/gain: the arithmetic of
/// jungfrau_utils, bit for bit. Six planes of stacked modules, each read in order, are what keeps up with memory.
// Sendable: all properties are constants, and the memory behind them is written only by `init` and freed only by `deinit`.
final class CorrectionTables: @unchecked Sendable {
    /// Tables up to this size are taken to stay in the last-level cache.
    static let largestCached = 24 << 20
    /// Planes begin at different places within a page, or they would compete for the same lines of the cache.
    private static let padding = 272

    /// Planes P0 G0 P1 G1 P2 G2.
    let planes: UnsafeBufferPointer<Float>
    /// From a plane to the next one.
    let stride: Int
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
        let stride = count + Self.padding
        let buffer = try Self.allocate(6 * stride)
        var unusable = [UInt8](repeating: 0, count: count)
        for stage in 0..<3 {
            // Every plane has `count` values, as checked, and stage 2 ends before 6 × stride.
            let planned = buffer.baseAddress.map { $0 + 2 * stage * stride }
            let pedestal = calibration.pedestals[pedestals[stage]]
            let gain = calibration.gains[gains[stage]]
            cdaq_plan_stage(pedestal, gain, numerator, count, planned, planned.map { $0 + stride }, &unusable)
        }
        planes = UnsafeBufferPointer(buffer)
        self.stride = stride
        self.unusable = unusable
    }

    deinit { free(UnsafeMutableRawPointer(mutating: planes.baseAddress)) }

    /// Bytes of all planes.
    var bytes: Int { planes.count * MemoryLayout<Float>.stride }

    /// Memory on huge pages where the system has them: the planes are read end to end, once an image.
    private static func allocate(_ count: Int) throws(CalibrationError) -> UnsafeMutableBufferPointer<Float> {
        let bytes = count * MemoryLayout<Float>.stride
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 2 << 20, bytes) == 0, let memory else { throw .memory(bytes: bytes) }
        madvise(memory, bytes, MADV_HUGEPAGE)
        let buffer = UnsafeMutableBufferPointer(start: memory.bindMemory(to: Float.self, capacity: count), count: count)
        buffer.initialize(repeating: 0)
        return buffer
    }

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
