import CDAQKernels

/// Makes pedestals of a dark run, as PSI's sf_daq_broker does: 10 s each of dynamic gain, fixed G1 and fixed G2.
///
/// Give it the raw frames in the order they were taken, then ask for the ``result()``. Sums are float64, which are exact for any
/// dark run without forgetting; they take 56 bytes a pixel (three stages of sum and square sum, and the mask): 28 MiB a module.
public struct PedestalAccumulator: Sendable {
    /// Gain codes of the stages, in the order of the result's planes.
    static let stageCodes: [UInt32] = [0, 1, 3]
    /// Pixels of a JUNGFRAU module.
    static let modulePixels = 1024 * 512

    /// Number of modules of a frame.
    public let modules: Int
    /// Frames a stage averages over; older frames are forgotten exponentially after that.
    public let window: Int
    /// Modules that send nothing: their places in a frame say nothing about it, and all their pixels become bad.
    public let absentModules: Set<Int>
    /// Modules that may be in the wrong gain without a frame being skipped.
    public let toleratedBadModules: Int
    /// Frames that were used and skipped so far.
    public private(set) var counts = DarkFrameCounts()

    private var sums: [[Double]]
    private var squares: [[Double]]
    private var mask: [Int64]

    /// An accumulator without frames.
    ///
    /// - Parameters:
    ///   - modules: number of modules, stacked in every frame.
    ///   - window: frames a stage averages over.
    ///   - absentModules: modules that are not received; their pixels in every frame are 0.
    ///   - toleratedBadModules: modules known to be bad, which do not count when a frame's gain is judged.
    public init(modules: Int, window: Int = 1000, absentModules: Set<Int> = [], toleratedBadModules: Int = 0) {
        precondition(modules > 0 && window > 0, "a pedestal needs at least one module and one frame")
        self.modules = modules
        self.window = window
        self.absentModules = absentModules.intersection(0..<modules)
        self.toleratedBadModules = toleratedBadModules
        let plane = [Double](repeating: 0, count: modules * Self.modulePixels)
        sums = Array(repeating: plane, count: 3)
        squares = sums
        mask = Array(repeating: 0, count: plane.count)
    }

    /// Looks at a frame and adds it to its stage, or says why not.
    ///
    /// - Parameters:
    ///   - frame: the raw words of all modules, module 0 first.
    ///   - isGood: whether all packets have arrived.
    ///   - information: the header's DAQ information words (detSpec3) of the modules, or those of them that differ: bits 12–13
    ///     name the gain stage the detector was set to (0, 1 or 3), bit 0 high gain.
    /// - Returns: `nil` when the frame was used.
    /// - Precondition: `frame` has two bytes for each pixel, `information` at least one word.
    @discardableResult
    public mutating func add(_ frame: RawSpan, isGood: Bool, information: [UInt32]) -> DarkFrameCounts.Reason? {
        precondition(frame.byteCount == 2 * mask.count, "a frame of \(frame.byteCount) bytes is not \(modules) modules")
        precondition(!information.isEmpty, "no information word says how the detector was set")
        let reason = frame.withUnsafeBytes { add($0, isGood: isGood, information: information) }
        if let reason { counts.skipped[reason, default: 0] += 1 }
        return reason
    }

    private mutating func add(
        _ words: UnsafeRawBufferPointer, isGood: Bool, information: [UInt32]
    ) -> DarkFrameCounts.Reason? {
        guard isGood else { return .incomplete }
        let settings = information.map { ($0 >> 12 & 3, $0 & 1) }
        let (gain, highGain) = settings[0]
        guard settings.allSatisfy({ $0 == (gain, highGain) }) else { return .modulesDisagree }
        guard let stage = Self.stageCodes.firstIndex(of: gain) else { return .wrongGain }
        let present = (0..<modules).filter { !absentModules.contains($0) }
        let inGain = present.reduce(0) { count, module in
            // A frame has two bytes for every pixel of all modules.
            count + cdaq_count_gain(words.baseAddress.map { $0 + 2 * module * Self.modulePixels }, Self.modulePixels, gain)
        }
        let enough = (Double(present.count - toleratedBadModules) - 0.5) * Double(Self.modulePixels)
        guard Double(inGain) >= enough else { return .wrongGain }

        counts.used[stage] += 1
        // One frame in the wrong gain is enough to make a pixel bad for good.
        let bit = Int64(1) << Int64(1 + gain + 4 * highGain)
        let forgotten = counts.used[stage] > window ? Double(window) : 0
        // The frame and all planes have as many pixels as the mask.
        cdaq_accumulate_dark(words.baseAddress, mask.count, gain, forgotten, &sums[stage], &squares[stage], &mask, bit)
        return nil
    }

    /// The pedestals of what was added so far.
    ///
    /// - Throws: ``PedestalError`` when a stage has no frame, or no pixel is good.
    public func result() throws(PedestalError) -> Pedestal {
        for (stage, used) in counts.used.enumerated() where used == 0 {
            throw .noFrames(stage: stage, counts)
        }
        var mask = mask
        var means: [[Double]] = []
        var deviations: [[Double]] = []
        for (stage, code) in Self.stageCodes.enumerated() {
            let frames = Double(min(window, counts.used[stage]))
            let zeroNoise = Int64(1) << Int64(9 + code)
            var mean = [Double](repeating: 0, count: mask.count)
            var deviation = mean
            sums[stage].withUnsafeBufferPointer { sums in
                squares[stage].withUnsafeBufferPointer { squares in
                    Self.evaluate(sums, squares, frames, zeroNoise, &mean, &deviation, &mask)
                }
            }
            means.append(mean)
            deviations.append(deviation)
        }
        guard mask.contains(0) else { throw .noGoodPixel(counts) }
        return Pedestal(means: means, deviations: deviations, mask: mask, counts: counts)
    }

    private static func evaluate(
        _ sums: UnsafeBufferPointer<Double>, _ squares: UnsafeBufferPointer<Double>, _ frames: Double, _ zeroNoise: Int64,
        _ means: inout [Double], _ deviations: inout [Double], _ mask: inout [Int64]
    ) {
        means.withUnsafeMutableBufferPointer { means in
            deviations.withUnsafeMutableBufferPointer { deviations in
                mask.withUnsafeMutableBufferPointer { mask in
                    var pixel = 0
                    while pixel < mask.count {
                        let mean = sums[pixel] / frames
                        // Rounding may make the variance of a nearly constant pixel negative: its deviation is then NaN.
                        let deviation = (squares[pixel] / frames - mean * mean).squareRoot()
                        means[pixel] = mean
                        deviations[pixel] = deviation
                        if deviation.magnitude <= 1e-8 { mask[pixel] |= zeroNoise }
                        pixel &+= 1
                    }
                }
            }
        }
    }
}
