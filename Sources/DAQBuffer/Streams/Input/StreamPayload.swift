import DAQCore

#if Compression
    import DAQCompression
#endif

/// Brings the pixels of messages into slots.
///
/// Keeps its memory from image to image and belongs to one thread at a time.
package struct StreamPayload: ~Copyable {
    #if Compression
        private var decompressor: BitshuffleDecompressor?
    #endif

    /// A reader of pixels.
    package init() {}

    /// Writes the pixels of `payload` to the beginning of `slot`, the lowest byte first.
    ///
    /// - Parameter slot: at least the bytes of the image.
    /// - Throws: ``StreamRefusal``; what the slot holds then has no meaning.
    package mutating func read(
        _ payload: UnsafeRawBufferPointer, of image: StreamedImage, into slot: UnsafeMutableRawBufferPointer
    ) throws(StreamRefusal) {
        precondition(slot.count >= image.format.bytes, "a slot of \(slot.count) bytes cannot hold \(image.format.bytes)")
        let pixels = UnsafeMutableRawBufferPointer(rebasing: slot[..<image.format.bytes])
        switch image.encoding {
        case .none:
            guard payload.count == pixels.count else { throw .length(payload.count, expected: pixels.count) }
            pixels.copyMemory(from: payload)
        case .bitshuffleLZ4: try decompress(payload, elementBytes: image.format.pixelType.bytes, into: pixels)
        }
        if image.isBigEndian { Self.swap(pixels, of: image.format.pixelType.bytes) }
    }

    /// Checks that the pixels are as many bytes as the headers say, without reading them.
    ///
    /// - Throws: ``StreamRefusal``.
    static func check(_ payload: UnsafeRawBufferPointer, of image: StreamedImage) throws(StreamRefusal) {
        let bytes: Int
        switch image.encoding {
        case .none: bytes = payload.count
        case .bitshuffleLZ4:
            guard payload.count >= 8 else { throw .damaged("\(payload.count) bytes") }
            bytes = Int(clamping: UInt64(bigEndian: payload.loadUnaligned(as: UInt64.self)))
        }
        guard bytes == image.format.bytes else { throw .length(bytes, expected: image.format.bytes) }
    }

    /// The encoding of that name, if this program can read it.
    static func encoding(_ name: String) throws(StreamRefusal) -> StreamCompression {
        guard let encoding = StreamCompression(rawValue: name) else {
            let known = StreamCompression.allCases.map(\.rawValue).joined(separator: ", ")
            throw .encoding("compression \(name.prefix(60).debugDescription) is not known; \(known) are")
        }
        return encoding
    }

    /// Unpacks a chunk whose length is not known before.
    ///
    /// - Parameter longest: more bytes than this are refused.
    mutating func text(_ chunk: UnsafeRawBufferPointer, longest: Int) throws(StreamRefusal) -> [UInt8] {
        guard chunk.count >= 8 else { throw .damaged("\(chunk.count) bytes") }
        let count = UInt64(bigEndian: chunk.loadUnaligned(as: UInt64.self))
        guard count <= UInt64(longest) else { throw .header("a header of \(count) bytes") }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(count), alignment: 1)
        defer { bytes.deallocate() }
        try decompress(chunk, elementBytes: 1, into: bytes)
        return Array(bytes)
    }

    /// Unpacks a chunk that must become exactly as many bytes as there are in `pixels`.
    private mutating func decompress(
        _ chunk: UnsafeRawBufferPointer, elementBytes: Int, into pixels: UnsafeMutableRawBufferPointer
    ) throws(StreamRefusal) {
        #if Compression
            do {
                if decompressor?.elementBytes != elementBytes {
                    decompressor = try BitshuffleDecompressor(elementBytes: elementBytes)
                }
                try decompressor?.decompress(chunk.bytes, into: pixels)
            } catch {
                throw .damaged("\(error)")
            }
        #else
            throw .encoding("the pixels are compressed, which this program was built without (the trait Compression)")
        #endif
    }

    private static func swap(_ pixels: UnsafeMutableRawBufferPointer, of bytes: Int) {
        func swap<Word: FixedWidthInteger>(_ word: Word.Type) {
            let words = pixels.bindMemory(to: word)
            for index in words.indices { words[index] = words[index].byteSwapped }
        }
        switch bytes {
        case 2: swap(UInt16.self)
        case 4: swap(UInt32.self)
        default: break
        }
    }
}
