/// Encodes images of floating-point pixels as TIFF files.
///
/// Format: TIFF 6.0, little-endian, one strip, not compressed; sample format 3 (IEEE floating point).
enum TIFFFile {
    private enum FieldType: UInt16 {
        case short = 3
        case long = 4
    }

    /// The bytes of a TIFF file.
    ///
    /// - Precondition: there are width × height pixels, less than 4 GiB of them.
    static func encode(_ pixels: [Float], width: Int, height: Int) -> [UInt8] {
        let size = pixels.count * MemoryLayout<Float>.size
        precondition(pixels.count == width * height && size < Int(UInt32.max) - 4096)
        // Header, pixels, directory: the directory must begin at an even place, which it does.
        let pixelStart: UInt32 = 8
        let fields: [(tag: UInt16, type: FieldType, value: UInt32)] = [
            (256, .long, UInt32(width)), (257, .long, UInt32(height)), (258, .short, 32), (259, .short, 1), (262, .short, 1),
            (273, .long, pixelStart), (277, .short, 1), (278, .long, UInt32(height)), (279, .long, UInt32(size)),
            (339, .short, 3),
        ]
        var bytes: [UInt8] = [0x49, 0x49]
        bytes.reserveCapacity(size + 256)
        func add(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        add(UInt16(42))
        add(pixelStart + UInt32(size))
        // Floats are little-endian in memory on every machine this package is built for.
        pixels.withUnsafeBytes { bytes += $0 }
        add(UInt16(fields.count))
        for field in fields {
            add(field.tag)
            add(field.type.rawValue)
            add(UInt32(1))
            add(field.value)
        }
        add(UInt32(0))
        return bytes
    }
}
