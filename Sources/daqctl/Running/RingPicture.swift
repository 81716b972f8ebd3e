import DAQCore
import DAQWriter

/// Pictures of images in shared memory.
enum RingPicture {
    /// The pixels as numbers; those without a measurement are NaN.
    static func values(_ bytes: RawSpan, of format: ImageFormat) -> [Double] {
        func numbers<Pixel: FixedWidthInteger & BitwiseCopyable>(_: Pixel.Type) -> [Double] {
            // What is missing has the value of no measurement.
            let missing: Pixel = Pixel.isSigned ? .min : .max
            return bytes.withUnsafeBytes { bytes in
                bytes.bindMemory(to: Pixel.self).map { $0 == missing ? .nan : Double($0) }
            }
        }
        return switch format.pixelType {
        case .uint8: numbers(UInt8.self)
        case .uint16: numbers(UInt16.self)
        case .uint32: numbers(UInt32.self)
        case .int16: numbers(Int16.self)
        case .int32: numbers(Int32.self)
        case .float32: bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map { Double($0) } }
        }
    }

    /// A picture of at most 1024 pixels a side, or one that fits into a number of columns and rows.
    static func picture(
        _ values: [Double], of format: ImageFormat, fitting size: (columns: Int, rows: Int)? = nil
    ) -> ImagePicture {
        guard let size else { return ImagePicture(values, width: format.width, height: format.height) }
        let (columns, rows) = (max(1, size.columns), max(1, size.rows))
        let factor = max((format.width + columns - 1) / columns, (format.height + rows - 1) / rows)
        return ImagePicture(values, width: format.width, height: format.height, factor: factor)
    }
}
