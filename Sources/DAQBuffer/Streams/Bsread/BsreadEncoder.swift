import DAQCore

/// bsread (bsr_m-1.1, bsr_d-1.1): a main header, a data header, and value and time stamp of one channel, the image.
///
/// Source: the bsread package of PSI. The channel is called as the detector is. The pulse id is the image id: receivers tell
/// messages apart by it, and not every detector has a pulse id of its own.
struct BsreadEncoder: StreamEncoder {
    private let dataHeader: [UInt8]
    /// The end of every main header.
    private let hash: [UInt8]
    private var payload: StreamCompressor

    init(_ stream: StreamDescription) throws(StreamError) {
        payload = try StreamCompressor(stream, format: .bsread)
        var header: [UInt8] = []
        header.append(json: "{\"htype\":\"bsr_d-1.1\",\"channels\":[{\"name\":")
        header.append(jsonText: stream.run.configuration.name)
        header.append(json: ",\"type\":")
        header.append(jsonText: stream.format.pixelType.rawValue)
        // Unlike everywhere else, the fastest dimension is the first.
        header.append(json: ",\"shape\":[")
        header.append(json: stream.format.width)
        header.append(json: ",")
        header.append(json: stream.format.height)
        header.append(json: "],\"encoding\":\"little\",\"compression\":")
        header.append(jsonText: stream.compression.rawValue)
        header.append(json: "}]}")
        dataHeader = header
        var hash: [UInt8] = []
        hash.append(json: "},\"hash\":")
        hash.append(jsonText: MD5.hexDigest(of: header))
        hash.append(json: "}")
        self.hash = hash
    }

    var packedBound: Int? { payload.bound }

    mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage) {
        let (seconds, nanoseconds) = metadata.receivedAt.quotientAndRemainder(dividingBy: 1_000_000_000)
        message.bytes.append(json: "{\"htype\":\"bsr_m-1.1\",\"pulse_id\":")
        message.bytes.append(json: metadata.id)
        message.bytes.append(json: ",\"global_timestamp\":{\"sec\":")
        message.bytes.append(json: seconds)
        message.bytes.append(json: ",\"ns\":")
        message.bytes.append(json: nanoseconds)
        message.bytes.append(contentsOf: hash)
        message.endPart()
        message.bytes.append(contentsOf: dataHeader)
        message.endPart()
        if payload.isRaw {
            message.appendPixels()
        } else {
            payload.append(pixels, to: &message.bytes)
            message.endPart()
        }
        message.bytes.append(littleEndian: seconds)
        message.bytes.append(littleEndian: nanoseconds)
        message.endPart()
    }
}

extension [UInt8] {
    /// Appends a number of 8 bytes.
    fileprivate mutating func append(littleEndian number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
