/// What an image's pixels add up to.
public struct ImageStatistics: Sendable, Equatable {
    /// A number of an image: exact for integer pixels.
    public enum Number: Sendable, Equatable, CustomStringConvertible {
        /// Of integer pixels.
        case integer(Int128)
        /// Of floating-point pixels.
        case real(Double)

        /// In decimal digits.
        public var description: String {
            switch self {
            case .integer(let value): "\(value)"
            case .real(let value): "\(value)"
            }
        }
    }

    /// Number of pixels.
    public var pixels: Int
    /// Sum of all pixels as they are stored; of floating-point pixels without NaN, in double precision.
    public var sum: Number
    /// Pixels that are NaN.
    public var nanPixels: Int
    /// Pixels that show no measurement: NaN, the fill value of the file, or all ones (unsigned) or the lowest value (signed).
    public var invalidPixels: Int
    /// Sum of the other pixels.
    public var validSum: Number
    /// Smallest of the other pixels; `nil` when there are none.
    public var minimum: Number?
    /// Largest of the other pixels; `nil` when there are none.
    public var maximum: Number?

    /// Adds up integers.
    init<Pixel: FixedWidthInteger>(_ image: [Pixel], fill: Pixel?) {
        let extreme = Pixel.isSigned ? Pixel.min : Pixel.max
        var total: Int128 = 0
        var valid: Int128 = 0
        var invalid = 0
        var smallest = Pixel.max
        var largest = Pixel.min
        for pixel in image {
            total += Int128(pixel)
            if pixel == extreme || pixel == fill {
                invalid += 1
            } else {
                valid += Int128(pixel)
                smallest = min(smallest, pixel)
                largest = max(largest, pixel)
            }
        }
        pixels = image.count
        sum = .integer(total)
        nanPixels = 0
        invalidPixels = invalid
        validSum = .integer(valid)
        minimum = invalid < image.count ? .integer(Int128(smallest)) : nil
        maximum = invalid < image.count ? .integer(Int128(largest)) : nil
    }

    /// Adds up floating-point numbers.
    init<Pixel: BinaryFloatingPoint>(_ image: [Pixel], fill: Pixel?) {
        var total = 0.0
        var valid = 0.0
        var nans = 0
        var invalid = 0
        var range: (Pixel, Pixel)?
        for pixel in image {
            guard !pixel.isNaN else {
                nans += 1
                continue
            }
            total += Double(pixel)
            guard pixel != fill else {
                invalid += 1
                continue
            }
            valid += Double(pixel)
            range = range.map { (min($0.0, pixel), max($0.1, pixel)) } ?? (pixel, pixel)
        }
        pixels = image.count
        sum = .real(total)
        nanPixels = nans
        invalidPixels = invalid + nans
        validSum = .real(valid)
        minimum = range.map { .real(Double($0.0)) }
        maximum = range.map { .real(Double($0.1)) }
    }
}

extension HDF5ImageFile {
    /// Adds up the pixels of an image.
    ///
    /// - Throws: ``HDF5Error`` when there is no such image, it cannot be read, or its pixels are not numbers.
    public func statistics(ofImage index: Int) throws(HDF5Error) -> ImageStatistics {
        switch element {
        case .integer(false, 1): try integers(index, UInt8.self)
        case .integer(false, 2): try integers(index, UInt16.self)
        case .integer(false, 4): try integers(index, UInt32.self)
        case .integer(false, 8): try integers(index, UInt64.self)
        case .integer(true, 1): try integers(index, Int8.self)
        case .integer(true, 2): try integers(index, Int16.self)
        case .integer(true, 4): try integers(index, Int32.self)
        case .integer(true, 8): try integers(index, Int64.self)
        case .float(4):
            ImageStatistics(try image(index, as: Float.self), fill: stack.fillValue(as: Float.self).nonzero)
        case .float:
            ImageStatistics(try image(index, as: Double.self), fill: stack.fillValue(as: Double.self).nonzero)
        default: throw notNumbers()
        }
    }

    private func integers<Pixel: HDF5Scalar & FixedWidthInteger>(
        _ index: Int, _ pixel: Pixel.Type
    ) throws(HDF5Error) -> ImageStatistics {
        ImageStatistics(try image(index, as: pixel), fill: stack.fillValue(as: pixel).nonzero)
    }
}

extension Optional where Wrapped: Numeric {
    /// A fill value of 0 is what files have that give none, so it tells nothing about a pixel.
    var nonzero: Wrapped? { self == 0 ? nil : self }
}
