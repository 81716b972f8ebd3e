import DAQCore

/// array-1.0: a JSON header and the pixels, always exactly two parts.
///
/// Source: the PSI description of htypes, and what mflow, streamvis, cam_server and the std-daq live viewer read. The first four
/// keys are those of std-daq, in its order; the others are extra for who wants them.
struct Array10Encoder: StreamEncoder {
    /// The keys that are the same for every image.
    private let common: [UInt8]
    private let rest: [UInt8]

    init(_ stream: StreamDescription) {
        var common: [UInt8] = []
        common.append(json: "{\"htype\":\"array-1.0\", \"shape\":[")
        common.append(json: stream.format.height)
        common.append(json: ",")
        common.append(json: stream.format.width)
        common.append(json: "], \"type\":")
        common.append(jsonText: stream.format.pixelType.rawValue)
        common.append(json: ", \"frame\":")
        self.common = common

        var rest: [UInt8] = []
        rest.append(json: ", \"endianness\":\"little\", \"source\":")
        rest.append(jsonText: stream.run.configuration.name)
        if !stream.reduction.isIdentity {
            let region = stream.reduction.region
            rest.append(json: ", \"region\":[")
            for (index, corner) in [region.xStart, region.yStart, region.xEnd, region.yEnd].enumerated() {
                if index > 0 { rest.append(json: ",") }
                rest.append(json: corner)
            }
            rest.append(json: "], \"binning\":")
            rest.append(json: stream.reduction.binning)
        }
        rest.append(json: "}")
        self.rest = rest
    }

    mutating func encode(_ metadata: ImageMetadata, pixels: RawSpan, into message: inout StreamMessage) {
        message.bytes.append(contentsOf: common)
        message.bytes.append(json: metadata.id)
        message.bytes.append(json: ", \"pulse_id\":")
        message.bytes.append(json: metadata.pulseID)
        message.bytes.append(json: ", \"is_good_frame\":")
        message.bytes.append(json: metadata.status == .good)
        message.bytes.append(json: ", \"missing_packets\":")
        message.bytes.append(json: metadata.missingPackets)
        message.bytes.append(contentsOf: rest)
        message.endPart()
        message.appendPixels()
    }
}
