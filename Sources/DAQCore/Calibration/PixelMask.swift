/// Which pixels of a detector are bad, and why.
public struct PixelMask: Sendable {
    /// Image pixels that no module covers, in ``reasons()``.
    public static let emptySpace: Int64 = 1 << 20
    /// Pixels at chip borders, which are twice as wide.
    public static let doublePixel: Int64 = 1 << 21
    /// The outermost pixels of a module.
    public static let moduleEdge: Int64 = 1 << 22
    /// Pixels whose pedestal or gain is zero or no finite number.
    public static let unusableCalibration: Int64 = 1 << 23

    /// The reasons of every pixel of the stacked modules: the bits of the mask file and those above.
    let stacked: [Int64]
    /// The reasons that make a pixel bad.
    let counted: Int64
    private let geometry: Geometry
    private let shared: Bool

    /// The mask of a detector.
    ///
    /// - Parameter calibration: `nil` when nothing is known about single pixels.
    /// - Throws: ``GeometryError`` or ``CalibrationError``.
    public init(_ configuration: DetectorConfiguration, calibration: Calibration?) throws {
        let geometry = try Geometry(configuration)
        let corrected = configuration.content == .corrected
        let tables =
            if corrected, let calibration {
                try CorrectionTables(
                    calibration, configuration.calibration, modules: configuration.moduleCount, shape: geometry.shape)
            } else {
                nil as CorrectionTables?
            }
        try self.init(configuration, geometry, mask: calibration?.mask, unusable: tables?.unusable)
    }

    init(
        _ configuration: DetectorConfiguration, _ geometry: Geometry, mask: [Int64]?, unusable: [UInt8]?
    ) throws(CalibrationError) {
        let shape = geometry.shape
        let modules = configuration.moduleCount
        let count = modules * shape.pixels
        if let mask, mask.count != count {
            throw .size(kind: "mask", found: mask.count, modules: modules, pixelsPerModule: shape.pixels)
        }
        self.geometry = geometry
        let settings = configuration.calibration
        var counted = ~(Self.doublePixel | Self.moduleEdge)
        // Strip sensors have no pixels to interpolate between: theirs at chip borders are used as they are.
        if settings.doublePixels == .mask, geometry.strips == nil { counted |= Self.doublePixel }
        if settings.moduleEdges == .mask { counted |= Self.moduleEdge }
        self.counted = counted
        shared = settings.doublePixels == .interpolate && geometry.strips == nil

        var reasons = mask ?? Array(repeating: 0, count: count)
        Self.addBorders(to: &reasons, modules: modules, shape)
        if let unusable {
            reasons.withUnsafeMutableBufferPointer { reasons in
                var pixel = 0
                while pixel < min(reasons.count, unusable.count) {
                    if unusable[pixel] != 0 { reasons[pixel] |= Self.unusableCalibration }
                    pixel &+= 1
                }
            }
        }
        stacked = reasons
    }

    /// Image positions of all bad pixels that are placed and read.
    var badPositions: [Int] {
        var positions: [Int] = []
        forEachPlacedPixel { position, reasons in
            if reasons & counted != 0 { positions.append(position) }
        }
        return positions
    }

    /// 1 for every pixel of the image whose value can be trusted, 0 for bad pixels and where nothing is measured.
    ///
    /// With shared double pixels, a gap pixel is good when the pixels on both sides of the gap are.
    public func goodPixels() -> [UInt8] {
        var good = [UInt8](repeating: 0, count: geometry.slotPixels)
        good.withUnsafeMutableBufferPointer { good in
            forEachPlacedPixel { position, reasons in good[position] = reasons & counted == 0 ? 1 : 0 }
            if shared {
                for placement in geometry.modules.values { Self.spreadGood(placement, in: good) }
            }
        }
        return image(good) { $0 }
    }

    /// Why each pixel of the image is bad, as bits; also the reasons that are not counted, and ``emptySpace``.
    ///
    /// As in jungfrau_utils, the number is halved (towards zero) for the wide pixels of strip sensors.
    public func reasons() -> [Int64] {
        var reasons = [Int64](repeating: Self.emptySpace, count: geometry.slotPixels)
        reasons.withUnsafeMutableBufferPointer { image in
            forEachPlacedPixel { position, reasons in image[position] = reasons }
        }
        return image(reasons) { $0 / 2 }
    }

    private func image<Value: BitwiseCopyable>(_ slot: [Value], half: (Value) -> Value) -> [Value] {
        let pixels = geometry.width * geometry.height
        guard let strips = geometry.strips else { return slot }
        var image = Array(slot[..<pixels])
        image.withUnsafeMutableBufferPointer { image in
            slot.withUnsafeBufferPointer { slot in
                strips.apply(from: UnsafeBufferPointer(rebasing: slot[pixels...]), to: image, half: half)
            }
        }
        return image
    }

    @inline(__always)
    private func forEachPlacedPixel(_ body: (_ position: Int, _ reasons: Int64) -> Void) {
        let shape = geometry.shape
        stacked.withUnsafeBufferPointer { stacked in
            for (module, placement) in geometry.modules where module < stacked.count / shape.pixels {
                for row in placement.rows {
                    let first = (module * shape.rows + row) * shape.columns
                    let chip = placement.gap == 0 ? shape.columns : shape.chip ?? shape.columns
                    for start in stride(from: 0, to: shape.columns, by: chip) {
                        var position = placement.destination(column: start, row: row)
                        var pixel = first + start
                        let end = min(pixel + chip, first + shape.columns)
                        while pixel < end {
                            body(position, stacked[pixel])
                            pixel &+= 1
                            position &+= placement.columnStep
                        }
                    }
                }
            }
        }
    }

    private static func addBorders(to reasons: inout [Int64], modules: Int, _ shape: ModuleShape) {
        func bits(_ index: Int, of size: Int) -> Int64 {
            (index == 0 || index == size - 1 ? moduleEdge : 0) | (shape.isDouble(index, of: size) ? doublePixel : 0)
        }
        let columns = (0..<shape.columns).map { ($0, bits($0, of: shape.columns)) }.filter { $0.1 != 0 }
        for module in 0..<modules {
            for row in 0..<shape.rows {
                let first = (module * shape.rows + row) * shape.columns
                for (column, bits) in columns { reasons[first + column] |= bits }
                let bits = bits(row, of: shape.rows)
                guard bits != 0 else { continue }
                for pixel in first..<first + shape.columns { reasons[pixel] |= bits }
            }
        }
    }

    private static func spreadGood(_ placement: FramePlacement, in good: UnsafeMutableBufferPointer<UInt8>) {
        guard placement.gap == 2, let chip = placement.shape.chip else { return }
        let width = placement.spread(placement.shape.columns - 1) + 1
        let rows = placement.spread(placement.rows.lowerBound)...placement.spread(placement.rows.upperBound - 1)
        func position(_ column: Int, _ row: Int) -> Int {
            placement.origin + column * placement.columnStep + row * placement.rowStep
        }
        for last in stride(from: chip - 1, to: rows.upperBound, by: chip + 2) where last >= rows.lowerBound {
            for column in 0..<width {
                let both = good[position(column, last)] & good[position(column, last + 3)]
                good[position(column, last + 1)] = both
                good[position(column, last + 2)] = both
            }
        }
        for last in stride(from: chip - 1, to: width - 1, by: chip + 2) {
            for row in rows {
                let both = good[position(last, row)] & good[position(last + 3, row)]
                good[position(last + 1, row)] = both
                good[position(last + 2, row)] = both
            }
        }
    }
}
