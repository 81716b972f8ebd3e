import Glibc

/// A picture of a detector image for people: scaled down, with brightness limits taken from the image itself.
public struct ImagePicture: Sendable, Equatable {
    /// How values become brightness.
    public enum Scale: String, Sendable, CaseIterable {
        /// The distance to the lower limit.
        case linear
        /// The logarithm of the distance to the lower limit plus one.
        case logarithmic
    }
    /// Index of the colour for pixels without a measurement.
    static let invalidIndex: UInt8 = 255
    /// The longer side is at most this, in pixels.
    public static let maximumSide = 1024

    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Image pixels a side that were averaged into one.
    public let factor: Int
    /// Values shown darkest and brightest.
    public let limits: ClosedRange<Double>
    /// Colours: 0 to 254 from dark to bright, 255 for pixels without a measurement.
    let indices: [UInt8]

    /// A picture of an image.
    ///
    /// - Parameters:
    ///   - values: the pixels, row by row.
    ///   - scale: how values become brightness.
    ///   - percentiles: the share of values, in per cent, below the darkest and below the brightest one.
    ///   - factor: image pixels a side that make one; without it the fewest with which the picture is not too large.
    ///   - isValid: whether a value is a measurement; NaN never is.
    /// - Precondition: there are width × height values, and at least one.
    public init(
        _ values: [Double], width: Int, height: Int, scale: Scale = .linear, percentiles: ClosedRange<Double> = 1...99.5,
        factor: Int? = nil, isValid: (Double) -> Bool = { _ in true }
    ) {
        precondition(values.count == width * height && width > 0 && height > 0, "\(values.count) values for \(width) × \(height)")
        let factor = max(1, factor ?? (max(width, height) + Self.maximumSide - 1) / Self.maximumSide)
        let (columns, rows) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
        var means = [Double](repeating: .nan, count: columns * rows)
        for row in 0..<rows {
            for column in 0..<columns {
                var (sum, valid, all) = (0.0, 0, 0)
                for y in row * factor..<min(height, (row + 1) * factor) {
                    for x in column * factor..<min(width, (column + 1) * factor) {
                        let value = values[y * width + x]
                        all += 1
                        guard value.isFinite, isValid(value) else { continue }
                        sum += value
                        valid += 1
                    }
                }
                // A block is shown as missing when most of it is.
                if valid * 2 >= all { means[row * columns + column] = sum / Double(valid) }
            }
        }
        let limits = Self.limits(means, percentiles)
        let span = limits.upperBound - limits.lowerBound
        let logSpan = log1p(span)
        (self.width, self.height, self.factor, self.limits) = (columns, rows, factor, limits)
        indices = means.map { value in
            guard !value.isNaN else { return Self.invalidIndex }
            guard span > 0 else { return 0 }
            let distance = min(max(value - limits.lowerBound, 0), span)
            return UInt8(254 * (scale == .linear ? distance / span : log1p(distance) / logSpan))
        }
    }

    /// How bright a pixel of the picture is, 0 to 254; `nil` without a measurement.
    public func level(column: Int, row: Int) -> Int? {
        let index = indices[row * width + column]
        return index == Self.invalidIndex ? nil : Int(index)
    }

    /// Writes the picture as a PNG file, replacing one that exists.
    ///
    /// - Throws: ``HDF5Error`` when the file cannot be written.
    public func write(to path: String, colors: ColorMap = .grey) throws(HDF5Error) {
        try PNGFile.write(PNGFile.encode(indices, width: width, height: height, palette: colors.palette), to: path)
    }

    private static func limits(_ values: [Double], _ percentiles: ClosedRange<Double>) -> ClosedRange<Double> {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard let last = sorted.indices.last else { return 0...0 }
        func value(_ percentile: Double) -> Double { sorted[Int((Double(last) * min(max(percentile, 0), 100) / 100).rounded())] }
        return value(percentiles.lowerBound)...value(percentiles.upperBound)
    }
}

extension HDF5ImageFile {
    /// A picture of an image; pixels that are NaN, show the file's fill value or their type's value for missing are invalid.
    ///
    /// - Throws: ``HDF5Error`` when there is no such image or it cannot be read.
    public func picture(
        ofImage index: Int, scale: ImagePicture.Scale = .linear, percentiles: ClosedRange<Double> = 1...99.5
    ) throws(HDF5Error) -> ImagePicture {
        let values = try values(ofImage: index)
        guard !values.isEmpty else {
            throw HDF5Error(.mismatch, operation: "draw", path: stack.path, detail: "its images have no pixels")
        }
        let fill = stack.fillValue(as: Double.self).nonzero
        let extreme: Double? =
            switch element {
            case .integer(true, let bytes): -exp2(Double(bytes * 8 - 1))
            case .integer(false, let bytes): exp2(Double(bytes * 8)) - 1
            default: nil
            }
        return ImagePicture(
            values, width: width, height: height, scale: scale, percentiles: percentiles,
            isValid: { $0 != fill && $0 != extreme })
    }
}
