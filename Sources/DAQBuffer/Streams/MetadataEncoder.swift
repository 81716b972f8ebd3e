import DAQCore

/// Says what the messages of a stream without pixels look like; one part for every image.
protocol MetadataEncoder {
    /// Writes the message of an image.
    mutating func encode(_ image: Image, into message: inout StreamMessage)
}

/// Everything that is known about an image, as one JSON object; docs/streams.md describes the keys.
struct JSONMetadataEncoder: MetadataEncoder {
    /// The keys that are the same for every image.
    private let common: [UInt8]

    init(_ run: RunDescription) {
        var common: [UInt8] = []
        common.append(json: "{\"htype\":\"image-metadata-1.0\",\"detector\":")
        common.append(jsonText: run.configuration.name)
        common.append(json: ",\"shape\":[")
        common.append(json: run.format.height)
        common.append(json: ",")
        common.append(json: run.format.width)
        common.append(json: "],\"type\":")
        common.append(jsonText: run.format.pixelType.rawValue)
        common.append(json: ",\"content\":")
        common.append(jsonText: run.configuration.content.rawValue)
        self.common = common
    }

    mutating func encode(_ image: Image, into message: inout StreamMessage) {
        let metadata = image.metadata
        message.bytes.append(contentsOf: common)
        func add(_ key: StaticString, _ number: some BinaryInteger) {
            message.bytes.append(json: key)
            message.bytes.append(json: number)
        }
        add(",\"segment\":", metadata.segment)
        add(",\"id\":", metadata.id)
        add(",\"pulse_id\":", metadata.pulseID)
        add(",\"received_at\":", metadata.receivedAt)
        add(",\"detector_timestamp\":", metadata.detectorTimestamp)
        add(",\"information\":", metadata.information)
        add(",\"information_difference\":", metadata.informationDifference)
        message.bytes.append(json: metadata.status == .good ? ",\"status\":\"good\"" : ",\"status\":\"missing-packets\"")
        add(",\"expected_packets\":", metadata.expectedPackets)
        add(",\"missing_packets\":", metadata.missingPackets)
        append(metadata.missing, to: &message.bytes)
        append(metadata.annotations, to: &message.bytes)
        add(",\"chain_revision\":", metadata.chainRevision)
        if let place = image.lease.place {
            message.bytes.append(json: ",\"ring\":")
            message.bytes.append(jsonText: place.ring)
            add(",\"slot\":", place.slot)
            add(",\"generation\":", place.generation)
        }
        message.bytes.append(json: "}")
        message.endPart()
    }

    /// The missing packets of every stream as ranges, which are inclusive at both ends.
    private func append(_ missing: [MissingPackets], to bytes: inout [UInt8]) {
        bytes.append(json: ",\"missing\":[")
        for (index, stream) in missing.enumerated() {
            bytes.append(json: index > 0 ? ",{\"stream\":" : "{\"stream\":")
            bytes.append(json: stream.port)
            bytes.append(json: ",\"packets\":[")
            var first: Int?
            var isFirstRange = true
            for number in 0...PacketSet.capacity {
                let isMissing = stream.packets.contains(number)
                if isMissing, first == nil { first = number }
                guard !isMissing, let start = first else { continue }
                bytes.append(json: isFirstRange ? "[" : ",[")
                bytes.append(json: start)
                bytes.append(json: ",")
                bytes.append(json: number - 1)
                bytes.append(json: "]")
                isFirstRange = false
                first = nil
            }
            bytes.append(json: "]}")
        }
        bytes.append(json: "]")
    }

    private func append(_ annotations: [Annotation], to bytes: inout [UInt8]) {
        bytes.append(json: ",\"annotations\":{")
        for (index, annotation) in annotations.enumerated() {
            if index > 0 { bytes.append(json: ",") }
            bytes.append(jsonText: annotation.name)
            bytes.append(json: ":")
            switch annotation.value {
            case .integer(let integer): bytes.append(json: integer)
            case .number(let number): bytes.append(json: number)
            case .text(let text): bytes.append(jsonText: text)
            case .flag(let flag): bytes.append(json: flag)
            }
        }
        bytes.append(json: "}")
    }
}

/// The message by which std-daq services learn of an image.
struct StdDAQMetadataEncoder: MetadataEncoder {
    let type: DetectorType

    mutating func encode(_ image: Image, into message: inout StreamMessage) {
        StdDAQMetadata(image.metadata, of: image.format, type: type).appendProtobuf(to: &message.bytes)
        message.endPart()
    }
}
