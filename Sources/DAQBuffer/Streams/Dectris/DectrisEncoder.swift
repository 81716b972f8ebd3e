import DAQCore

/// DECTRIS Stream V2: a message of one part for the start of a run, for every image and for the end.
///
/// Source: DECTRIS' description of the format. The pixels are the last bytes of a message, so that they are copied once and
/// nothing has to follow them.
struct DectrisEncoder: StreamEncoder {
    private let series: DectrisSeries
    private let format: ImageFormat
    private let seriesDate: String
    private var payload: StreamCompressor
    /// The image that is number 0 of the series: numbers go on when a counter began again.
    private var origin: (segment: UInt32, id: UInt64, number: UInt64)?
    private var last: UInt64 = 0
    /// Image numbers are counted at this step.
    private let step: UInt64
    private var chunk: [UInt8] = []

    init(_ stream: StreamDescription) throws(StreamError) {
        series = DectrisSeries(stream)
        format = stream.format
        seriesDate = DectrisSeries.date(series.startedAt)
        step = stream.run.configuration.imageIDStep
        payload = try StreamCompressor(stream, format: .dectris)
    }

    var joinsPixels: Bool { payload.isRaw }
    var packedBound: Int? { payload.bound }

    mutating func begin(into message: inout StreamMessage) {
        series.appendStart(to: &message.bytes)
        message.endPart()
    }

    mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage) {
        appendHeader(metadata, to: &message.bytes)
        if payload.isRaw {
            message.bytes.append(dectrisArray: format, bytes: pixels.byteCount)
            message.joinPixels()
        } else {
            // The length comes before the bytes, so they are packed aside first.
            chunk.removeAll(keepingCapacity: true)
            payload.append(pixels, to: &chunk)
            message.bytes.append(dectrisArray: format, bytes: chunk.count, isCompressed: true)
            message.bytes.append(contentsOf: chunk)
            message.endPart()
        }
    }

    mutating func end(into message: inout StreamMessage) {
        series.appendEnd(to: &message.bytes)
        message.endPart()
    }

    /// Everything but the pixels; their key is the last.
    private mutating func appendHeader(_ metadata: ImageMetadata, to bytes: inout [UInt8]) {
        let time = metadata.receivedAt - min(metadata.receivedAt, series.startedAt)
        bytes.append(cborMap: 10)
        bytes.append(cbor: "type")
        bytes.append(cbor: "image")
        bytes.append(cbor: "image_id")
        bytes.append(cbor: number(of: metadata))
        for (key, nanoseconds) in [("real_time", 0), ("start_time", time), ("stop_time", time)] {
            bytes.append(cbor: key)
            bytes.append(cborArray: 2)
            bytes.append(cbor: nanoseconds)
            bytes.append(cbor: 1_000_000_000)
        }
        bytes.append(cbor: "series_date")
        bytes.append(cborTag: 0)
        bytes.append(cbor: seriesDate)
        bytes.append(cbor: "series_id")
        bytes.append(cbor: series.id)
        bytes.append(cbor: "series_unique_id")
        bytes.append(cbor: series.uniqueID)
        bytes.append(cbor: "user_data")
        bytes.append(cborMap: 5)
        bytes.append(cbor: "id")
        bytes.append(cbor: metadata.id)
        bytes.append(cbor: "segment")
        bytes.append(cbor: metadata.segment)
        bytes.append(cbor: "pulse_id")
        bytes.append(cbor: metadata.pulseID)
        bytes.append(cbor: "is_good_frame")
        bytes.append(cbor: metadata.status == .good)
        bytes.append(cbor: "missing_packets")
        bytes.append(cbor: metadata.missingPackets)
        bytes.append(cbor: "data")
        bytes.append(cborMap: 1)
        bytes.append(cbor: DectrisSeries.channel)
    }

    /// The number of an image in its series: 0 for the first one that was sent, then as the ids go on.
    private mutating func number(of metadata: ImageMetadata) -> UInt64 {
        if let origin, origin.segment == metadata.segment, metadata.id >= origin.id {
            last = origin.number.saturatingSum((metadata.id - origin.id) / step)
        } else {
            let number = origin == nil ? 0 : last.saturatingSum(1)
            origin = (metadata.segment, metadata.id, number)
            last = number
        }
        return last
    }
}
