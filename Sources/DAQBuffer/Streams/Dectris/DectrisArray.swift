import DAQCore

/// The heads of arrays in DECTRIS streams: shape, pixel type, and how the bytes are packed.
///
/// Source: DECTRIS Stream V2; tags of RFC 8746, and 56500 for compressed bytes.
extension [UInt8] {
    /// Appends everything of an image that comes before its bytes.
    ///
    /// - Parameters:
    ///   - count: number of bytes that follow.
    ///   - isCompressed: whether they are a bitshuffle/LZ4 chunk.
    mutating func append(dectrisArray format: ImageFormat, bytes count: Int, isCompressed: Bool = false) {
        append(cborTag: 40)
        append(cborArray: 2)
        append(cborArray: 2)
        append(cbor: format.height)
        append(cbor: format.width)
        append(cborTag: format.pixelType.typedArrayTag)
        if isCompressed {
            append(cborTag: 56500)
            append(cborArray: 3)
            append(cbor: "bslz4")
            append(cbor: format.pixelType.bytes)
        }
        append(cborBytes: count)
    }
}

extension PixelType {
    /// The tag of a typed array of such pixels, little-endian (RFC 8746).
    var typedArrayTag: UInt64 {
        switch self {
        case .uint8: 64
        case .uint16: 69
        case .uint32: 70
        case .int16: 77
        case .int32: 78
        case .float32: 85
        }
    }
}
