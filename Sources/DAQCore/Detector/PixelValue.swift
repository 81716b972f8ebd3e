/// A value that a pixel takes when there is nothing to measure: no sensor, no packet, or a mask.
///
/// Kept as the number a user writes, and turned into the bits of a pixel type when that is known.
public enum PixelValue: Sendable, Hashable {
    case number(Double)
    /// All bits set for unsigned integers, the lowest value for signed ones (−1 is a likely photon count), NaN for floats.
    case extreme
    /// NaN; only floats have it.
    case notANumber

    /// The bits of this value as a pixel of `type`, in the low bytes.
    ///
    /// - Returns: `nil` when the number cannot be represented exactly enough: out of range, or a fraction for an integer type.
    public func bits(as type: PixelType) -> UInt32? {
        switch self {
        case .number(let value): Self.bits(of: value, as: type)
        case .notANumber: type == .float32 ? Float.nan.bitPattern : nil
        case .extreme:
            switch type {
            case .uint8: 0xFF
            case .uint16: 0xFFFF
            case .uint32: 0xFFFF_FFFF
            case .int16: UInt32(UInt16(bitPattern: .min))
            case .int32: UInt32(bitPattern: .min)
            case .float32: Float.nan.bitPattern
            }
        }
    }

    private static func bits(of value: Double, as type: PixelType) -> UInt32? {
        switch type {
        case .uint8: UInt8(exactly: value).map { UInt32($0) }
        case .uint16: UInt16(exactly: value).map { UInt32($0) }
        case .uint32: UInt32(exactly: value)
        case .int16: Int16(exactly: value).map { UInt32(UInt16(bitPattern: $0)) }
        case .int32: Int32(exactly: value).map { UInt32(bitPattern: $0) }
        // A finite number beyond the range of a float would silently become infinity.
        case .float32: value.isFinite && Float(value).isInfinite ? nil : Float(value).bitPattern
        }
    }
}
