/// Shares the charge of the wide pixels at chip borders with the gap pixels beside them.
///
/// A wide pixel's value is divided between itself and the gap pixel so that the profile across the gap is a parabola's; its sum
/// stays. Corner pixels, four times as large, are divided evenly. Arithmetic and order are those of jungfrau_utils: in float64,
/// every stored value rounded to float32.
struct DoublePixelSharing: Sendable {
    private let modules: [FramePlacement]
    private let missing: Float
    private let masked: Float

    /// Sharing for JUNGFRAU modules that are placed with gap pixels.
    ///
    /// - Parameters:
    ///   - missing: the value of missing pixels, which is never divided; 0 counts as a value, and NaN never does.
    ///   - masked: the same for masked pixels.
    /// - Throws: ``GeometryError/option(_:)`` when there are no gap pixels to share with.
    init(_ geometry: Geometry, missing: Float, masked: Float) throws(GeometryError) {
        guard geometry.strips == nil, geometry.shape.columns == 1024,
            geometry.modules.values.allSatisfy({ $0.gap == 2 && $0.rows.lowerBound < 255 && $0.rows.upperBound > 257 })
        else {
            throw .option(
                "calibration.double_pixels is interpolate, which needs JUNGFRAU modules placed with gap pixels (1030 × 514)")
        }
        modules = geometry.modules.sorted { $0.key < $1.key }.map(\.value)
        self.missing = missing == 0 ? .nan : missing
        self.masked = masked == 0 ? .nan : masked
    }

    /// Shares the charge in a whole image.
    ///
    /// - Precondition: `image` has the pixels of the geometry.
    func apply(to image: UnsafeMutableBufferPointer<Float>) {
        for module in modules {
            shareCorners(module, image)
            shareRows(module, image)
            shareColumns(module, image)
        }
    }

    /// Image position of a pixel of a module, gap pixels counted in.
    @inline(__always)
    private func position(_ module: FramePlacement, _ column: Int, _ row: Int) -> Int {
        module.origin &+ column &* module.columnStep &+ row &* module.rowStep
    }

    private func isEmpty(_ value: Float) -> Bool { value.isNaN || value == missing || value == masked }

    private func shareCorners(_ module: FramePlacement, _ image: UnsafeMutableBufferPointer<Float>) {
        for row in [255, 257] {
            for column in [255, 257, 513, 515, 771, 773] {
                // The block's pixel that has been measured is the one next to the chip's inside.
                let measured = image[position(module, column + (column % 258 == 257 ? 1 : 0), row + (row == 257 ? 1 : 0))]
                let part = isEmpty(measured) ? measured : Float(Double(measured) / 4)
                for (x, y) in [(column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)] {
                    image[position(module, x, y)] = part
                }
            }
        }
    }

    private func shareRows(_ module: FramePlacement, _ image: UnsafeMutableBufferPointer<Float>) {
        for columns in [0..<255, 259..<513, 517..<771, 775..<1030] {
            for column in columns { share(position(module, column, 254), step: module.rowStep, image) }
        }
    }

    private func shareColumns(_ module: FramePlacement, _ image: UnsafeMutableBufferPointer<Float>) {
        // Rows that are not read have nothing to share.
        let first = module.spread(module.rows.lowerBound)
        let end = module.spread(module.rows.upperBound - 1) + 1
        for column in [255, 513, 771] {
            for rows in [first..<255, 259..<end] {
                for row in rows { share(position(module, column - 1, row), step: module.columnStep, image) }
            }
        }
    }

    /// Six pixels across a gap, the first at `first`: ordinary, wide, gap, gap, wide, ordinary.
    @inline(__always)
    private func share(_ first: Int, step: Int, _ image: UnsafeMutableBufferPointer<Float>) {
        let (v1, v2) = (image[first], image[first &+ step])
        let (v3, v4) = (image[first &+ 4 &* step], image[first &+ 5 &* step])
        let left = divided(v2, neighbour: v1, across: v3)
        let right = divided(v3, neighbour: v4, across: v2)
        image[first &+ step] = left.wide
        image[first &+ 2 &* step] = left.gap
        image[first &+ 3 &* step] = right.gap
        image[first &+ 4 &* step] = right.wide
    }

    @inline(__always)
    private func divided(_ value: Float, neighbour: Float, across: Float) -> (wide: Float, gap: Float) {
        if isEmpty(value) { return (value, value) }
        let half = Float(Double(value) / 2)
        if isEmpty(neighbour) || isEmpty(across) { return (half, half) }
        let denominator = 6 * Double(neighbour) + 3 * Double(across)
        guard denominator != 0 else { return (half, half) }
        let wide = Float(Double(value) * ((4 * Double(neighbour) + Double(across)) / denominator))
        return (wide, Float(Double(value) - Double(wide)))
    }
}
