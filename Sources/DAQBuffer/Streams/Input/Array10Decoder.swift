import DAQCore

/// Reads array-1.0 messages: a JSON header and raw pixels.
///
/// Source: PSI's description of htypes, and what std-daq and SwissFEL send.
package struct Array10Decoder: ImageMessageDecoder {
    /// A decoder.
    package init() {}

    package func decode(_ parts: [UnsafeRawBufferPointer]) throws(StreamRefusal) -> StreamedImage {
        guard parts.count == 2 else { throw .parts(parts.count, expected: "2 parts, a header and pixels") }
        let header = try JSONObject(header: parts[0])
        let kind = header.text("htype") ?? "array-1.0"
        guard kind == "array-1.0" else { throw .stream(kind.debugDescription, expected: "array-1.0") }
        guard let type = header.text("type") else { throw .header("no \"type\" of the pixels") }
        guard let shape = header.integers("shape") else { throw .header("no \"shape\" of whole numbers") }
        guard shape.count == 2 else { throw .shape(shape) }
        // Without it no loss could be seen.
        guard let id = header.unsigned("frame") else { throw .header("no \"frame\" with the number of the image") }
        var image = StreamedImage(
            id: id, format: try StreamedImage.format(rows: shape[0], columns: shape[1], type: type), payloadPart: 1)
        image.pulseID = header.unsigned("pulse_id") ?? 0
        // A published example spells it with one n.
        image.isBigEndian = (header.text("endianness") ?? header.text("endianess")) == "big"
        return image
    }
}
