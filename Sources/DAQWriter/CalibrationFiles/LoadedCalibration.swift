public import DAQCore

/// A calibration read from files, and what had to be masked in it.
public struct LoadedCalibration: Sendable {
    /// Bit of the mask for pixels that cannot be corrected: a gain is zero or not a number, or a pedestal is not a number.
    public static let unusable: Int64 = 1 << 23

    /// The calibration.
    public let calibration: Calibration
    /// Pixels masked because one of their gains is zero or not a number.
    public let unusableGains: Int
    /// Pixels masked because one of their pedestals is not a number.
    public let unusablePedestals: Int

    /// What a user should know; empty when all pixels are usable.
    public var notes: [String] {
        var notes: [String] = []
        if unusableGains > 0 { notes.append("\(unusableGains) pixels are masked: a gain is zero or not a number") }
        if unusablePedestals > 0 { notes.append("\(unusablePedestals) pixels are masked: a pedestal is not a number") }
        return notes
    }

    /// Reads the files that a configuration names, for all its modules.
    ///
    /// Pedestals: an HDF5 file with `/gains` of 3 or 4 planes and, unless `calibration.mask` names another file, `/pixel_mask`.
    /// Gains: an HDF5 file with `/gains` of 4 or 6 planes (of 3, high gain repeats the others), or gain maps, one a module,
    /// separated by commas. Blocks while the disk does; takes 4 bytes a value.
    ///
    /// - Throws: ``CalibrationFileError`` when a file is not named, cannot be read, is damaged or is not of this detector.
    public init(_ configuration: DetectorConfiguration) throws {
        let names = configuration.calibration
        guard let pedestalPath = names.pedestal, let gainPath = names.gain else {
            throw CalibrationFileError(
                path: names.pedestal ?? names.gain ?? "(none)",
                problem: "corrected images need a pedestal file and a gain file",
                advice: "set calibration.pedestal and calibration.gain, or ring.content to raw")
        }
        let modules = configuration.moduleCount
        let pedestalFile = try CalibrationFile(path: pedestalPath, modules: modules)
        let pedestals = try pedestalFile.planes([3, 4])
        let gains = try Self.gains(gainPath, modules: modules)
        var mask: [Int64]?
        if let path = names.mask {
            guard let read = try CalibrationFile(path: path, modules: modules).mask() else {
                throw CalibrationFileError(
                    path: path, problem: "there is no dataset /pixel_mask", advice: "check that this is the right file")
            }
            mask = read
        } else {
            mask = try pedestalFile.mask()
        }
        // Only planes that are used decide: in high-gain mode those after the third, if there are any.
        func used(_ planes: [[Float]]) -> ArraySlice<[Float]> {
            names.highGain && planes.count > 3 ? planes[3...] : planes[..<3]
        }
        let badGains = Self.unusable(used(gains), zeroIsUsable: false)
        let badPedestals = Self.unusable(used(pedestals), zeroIsUsable: true)
        if !badGains.isEmpty || !badPedestals.isEmpty {
            var bits = mask ?? [Int64](repeating: 0, count: modules * GainMapFile.pixels)
            for pixel in badGains.union(badPedestals) { bits[pixel] |= Self.unusable }
            mask = bits
        }
        (unusableGains, unusablePedestals) = (badGains.count, badPedestals.count)
        calibration = Calibration(pedestals: pedestals, gains: gains, mask: mask)
    }

    private static func gains(_ names: String, modules: Int) throws -> [[Float]] {
        let paths = names.split(separator: ",").map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard let first = paths.first else {
            throw CalibrationFileError(path: names, problem: "no file is named", advice: "set calibration.gain")
        }
        if paths.count > 1 || first.hasSuffix(".bin") || GainMapFile.isGainMap(first) {
            guard paths.count == modules else {
                throw CalibrationFileError(
                    path: names, problem: "expected \(modules) gain maps, one a module, found \(paths.count)",
                    advice: "separate their paths by commas, module 0 first")
            }
            return try GainMapFile.read(paths)
        }
        let planes = try CalibrationFile(path: first, modules: modules).planes([3, 4, 6])
        return planes.count == 3 ? planes + planes : planes
    }

    /// The pixels of which some value is not finite, or zero.
    private static func unusable(_ planes: ArraySlice<[Float]>, zeroIsUsable: Bool) -> Set<Int> {
        var result: Set<Int> = []
        for plane in planes {
            // Tens of millions of values: plain enough to be quick in debug builds too.
            plane.withUnsafeBufferPointer { plane in
                var pixel = 0
                while pixel < plane.count {
                    let value = plane[pixel]
                    // Infinity less itself, and everything with NaN, is NaN, which equals nothing.
                    if value - value != 0 || (value == 0 && !zeroIsUsable) { result.insert(pixel) }
                    pixel &+= 1
                }
            }
        }
        return result
    }
}
