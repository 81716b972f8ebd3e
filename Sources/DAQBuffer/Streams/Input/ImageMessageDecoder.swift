import DAQCore

/// Reads the headers of the messages of one stream.
///
/// Nothing of a message is used before it was checked: a message that is not what it should be is refused with its reason.
package protocol ImageMessageDecoder {
    /// Finds the image in a message.
    ///
    /// - Parameter parts: all parts of the message; they are only read during the call.
    /// - Throws: ``StreamRefusal``.
    mutating func decode(_ parts: [UnsafeRawBufferPointer]) throws(StreamRefusal) -> StreamedImage
}

extension JSONObject {
    /// Reads the header of a message.
    init(header bytes: UnsafeRawBufferPointer) throws(StreamRefusal) {
        guard bytes.count <= StreamedImage.longestHeader else {
            throw .header("\(bytes.count) bytes; no more than \(StreamedImage.longestHeader) are read")
        }
        try self.init(header: Array(bytes))
    }

    /// Reads the header of a message, which is not too long.
    init(header bytes: [UInt8]) throws(StreamRefusal) {
        do {
            try self.init(bytes)
        } catch {
            throw .header("\(error)")
        }
    }
}
