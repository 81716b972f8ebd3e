import DAQCore

#if Compression
    import DAQCompression
#endif

/// Packs the pixels of a stream's images, if the stream asks for it; belongs to one encoder.
final class StreamCompressor {
    /// Whether the pixels go as they are.
    var isRaw: Bool { bound == nil }
    /// The most bytes that an image becomes; `nil` when the pixels go as they are.
    let bound: Int?
    #if Compression
        private var compressor: BitshuffleCompressor

        init(_ stream: StreamDescription, format: StreamFormat) throws(StreamError) {
            do {
                compressor = try BitshuffleCompressor(BitshuffleFilter(elementBytes: stream.format.pixelType.bytes))
            } catch {
                throw .unsupported(format, reason: "cannot be compressed: \(error)")
            }
            bound = stream.compression == .none ? nil : compressor.filter.bound(for: stream.format.bytes)
        }

        /// Appends the pixels as one chunk.
        func append(_ pixels: RawSpan, to bytes: inout [UInt8]) {
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: compressor.filter.bound(for: pixels.byteCount)))
            let length = bytes.withUnsafeMutableBytes { bytes in
                // It can fail for too little room and for half pixels, and neither is possible here.
                try? compressor.compress(pixels, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            }
            precondition(length != nil, "\(pixels.byteCount) bytes of pixels cannot be compressed")
            bytes.removeLast(bytes.count - start - (length ?? 0))
        }
    #else
        init(_ stream: StreamDescription, format: StreamFormat) throws(StreamError) {
            bound = nil
            guard stream.compression == .none else {
                throw .unsupported(format, reason: "cannot be compressed: this program was built without the trait Compression")
            }
        }

        /// Appends the pixels as they are.
        func append(_ pixels: RawSpan, to bytes: inout [UInt8]) {
            pixels.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    #endif
}
