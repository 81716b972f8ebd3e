package import DAQCore

/// Brings the pixels of a message into a slot.
package enum StreamPayload {
    /// Writes the pixels of `payload` to the beginning of `slot`, the lowest byte first.
    ///
    /// - Parameter slot: at least the bytes of the image.
    /// - Throws: ``StreamRefusal``; what the slot holds then has no meaning.
    package static func read(
        _ payload: UnsafeRawBufferPointer, of image: StreamedImage, into slot: UnsafeMutableRawBufferPointer
    ) throws(StreamRefusal) {
        precondition(slot.count >= image.format.bytes, "a slot of \(slot.count) bytes cannot hold \(image.format.bytes)")
        let pixels = UnsafeMutableRawBufferPointer(rebasing: slot[..<image.format.bytes])
        switch image.encoding {
        case .none:
            guard payload.count == pixels.count else { throw .length(payload.count, expected: pixels.count) }
            pixels.copyMemory(from: payload)
        case .lz4, .bitshuffleLZ4:
            try decompress(payload, of: image, into: pixels)
        }
        if image.isBigEndian { swap(pixels, of: image.format.pixelType.bytes) }
    }

    /// The encoding of that name, if this program can read it.
    static func encoding(_ name: String) throws(StreamRefusal) -> StreamedImage.Encoding {
        guard let encoding = StreamedImage.Encoding(rawValue: name) else {
            let known = StreamedImage.Encoding.allCases.map(\.rawValue).joined(separator: ", ")
            throw .encoding("compression \(name.prefix(60).debugDescription) is not known; \(known) are")
        }
        return encoding
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
