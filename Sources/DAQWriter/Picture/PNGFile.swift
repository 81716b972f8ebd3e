import CDAQZlib
import Glibc

/// Writes PNG files: pictures of 8 bits with a palette, and values of 16 bits.
///
/// Format: Portable Network Graphics, ISO/IEC 15948, colour types 3 and 0.
enum PNGFile {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The bytes of a PNG file.
    ///
    /// - Precondition: there are width × height indices and 256 palette entries of three bytes.
    static func encode(_ indices: [UInt8], width: Int, height: Int, palette: [UInt8]) -> [UInt8] {
        precondition(indices.count == width * height && palette.count == 768 && width > 0 && height > 0)
        var rows: [UInt8] = []
        rows.reserveCapacity((width + 1) * height)
        for row in 0..<height {
            // No filter: neighbours of a detector image predict little.
            rows.append(0)
            rows += indices[row * width..<(row + 1) * width]
        }
        let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
        return signature
            + chunk("IHDR", size + [8, 3, 0, 0, 0])
            + chunk("PLTE", palette)
            + chunk("IDAT", compressed(rows))
            + chunk("IEND", [])
    }

    /// The bytes of a PNG file with grey values.
    ///
    /// - Precondition: there are width × height values.
    static func encode(_ values: [UInt16], width: Int, height: Int) -> [UInt8] {
        precondition(values.count == width * height && width > 0 && height > 0)
        var rows: [UInt8] = []
        rows.reserveCapacity((2 * width + 1) * height)
        for row in 0..<height {
            rows.append(0)
            for value in values[row * width..<(row + 1) * width] {
                rows.append(UInt8(value >> 8))
                rows.append(UInt8(truncatingIfNeeded: value))
            }
        }
        let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
        return signature
            + chunk("IHDR", size + [16, 0, 0, 0, 0])
            + chunk("IDAT", compressed(rows))
            + chunk("IEND", [])
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(size))
        // Cannot fail: the bound is enough, and memory is not limited.
        let status = compress2(&result, &size, bytes, uLong(bytes.count), 6)
        precondition(status == Z_OK, "zlib failed with \(status)")
        return Array(result[..<Int(size)])
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + content
        let checksum = crc32(0, checked, uInt(checked.count))
        return bigEndian(UInt32(content.count)) + checked + bigEndian(UInt32(truncatingIfNeeded: checksum))
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    /// Writes a file, replacing one that exists.
    static func write(_ bytes: [UInt8], to path: String) throws(HDF5Error) {
        try FilePath.checkCreatable(path, overwrite: true)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw HDF5Error(system: errno, operation: "write", path: path) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = HDF5Error(system: errno, operation: "write", path: path)
                close(descriptor)
                throw error
            }
            written += count
        }
        guard close(descriptor) == 0 else { throw HDF5Error(system: errno, operation: "write", path: path) }
    }
}
