/// A value that a pixel takes when there is nothing to measure: no sensor, no packet, or a mask.
///
/// Kept as the number a user writes, and turned into the bits of a pixel type when that is known.
public enum PixelValue: Sendable, Hashable {
    case number(Double)
    /// All bits set for unsigned integers, the lowest value for signed ones (−1 is a likely photon count), NaN for floats.
    case extreme

    /// The bits of this value as a pixel of `type`, in the low bytes.
    ///
    /// - Returns: `nil` when the number cannot be represented exactly enough: out of range, or a fraction for an integer type.
    public func bits(as type: PixelType) -> UInt32? {
        switch (self, type) {
        case (.extreme, .uint8): 0xFF
        case (.extreme, .uint16): 0xFFFF
        case (.extreme, .uint32): 0xFFFF_FFFF
        case (.extreme, .int16): UInt32(UInt16(bitPattern: .min))
        case (.extreme, .int32): UInt32(bitPattern: .min)
        case (.extreme, .float32): Float.nan.bitPattern
        case (.number(let value), .float32): Float(value).bitPattern
        case (.number(let value), .uint8): UInt8(exactly: value).map { UInt32($0) }
        case (.number(let value), .uint16): UInt16(exactly: value).map { UInt32($0) }
        case (.number(let value), .uint32): UInt32(exactly: value)
        case (.number(let value), .int16): Int16(exactly: value).map { UInt32(UInt16(bitPattern: $0)) }
        case (.number(let value), .int32): Int32(exactly: value).map { UInt32(bitPattern: $0) }
        }
    }
}
