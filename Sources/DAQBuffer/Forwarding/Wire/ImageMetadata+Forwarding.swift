import DAQCore

// The bytes are described in docs/forwarding.md.
extension ByteWriter {
    mutating func write(_ metadata: ImageMetadata) {
        write(metadata.segment)
        write(metadata.status.rawValue)
        write(metadata.id)
        write(metadata.pulseID)
        write(metadata.detectorTimestamp)
        write(metadata.information)
        write(metadata.informationDifference)
        write(metadata.receivedAt)
        write(Int64(metadata.expectedPackets))
        write(metadata.chainRevision)
        write(UInt32(metadata.missing.count))
        for missing in metadata.missing {
            write(Int64(missing.port))
            for word in 0..<PacketSet.capacity / 64 { write(missing.packets.bits(word)) }
        }
        write(UInt32(metadata.annotations.count))
        for annotation in metadata.annotations {
            write(annotation.name)
            write(annotation.value)
        }
    }

    private mutating func write(_ value: Annotation.Value) {
        switch value {
        case .integer(let integer):
            write(UInt8(0))
            write(integer)
        case .number(let number):
            write(UInt8(1))
            write(number.bitPattern)
        case .text(let text):
            write(UInt8(2))
            write(text)
        case .flag(let flag):
            write(UInt8(3))
            write(UInt8(flag ? 1 : 0))
        }
    }
}

extension ByteReader {
    /// Reads the metadata of an image; `nil` when they are cut off or hold something impossible.
    mutating func readMetadata() -> ImageMetadata? {
        guard let segment = read(UInt32.self), let status = read(UInt8.self).flatMap(ImageStatus.init(rawValue:)),
            let id = read(UInt64.self), let pulseID = read(UInt64.self), let timestamp = read(UInt64.self),
            let information = read(UInt32.self), let difference = read(UInt32.self), let receivedAt = read(UInt64.self),
            let expectedPackets = read(Int64.self), expectedPackets >= 0, let chainRevision = read(UInt64.self),
            let missing = readMissing(), let annotations = readAnnotations()
        else { return nil }
        var metadata = ImageMetadata(id: id)
        metadata.segment = segment
        metadata.status = status
        metadata.pulseID = pulseID
        metadata.detectorTimestamp = timestamp
        metadata.information = information
        metadata.informationDifference = difference
        metadata.receivedAt = receivedAt
        metadata.expectedPackets = Int(expectedPackets)
        metadata.chainRevision = chainRevision
        metadata.missing = missing
        metadata.annotations = annotations
        return metadata
    }

    private mutating func readMissing() -> [MissingPackets]? {
        let words = PacketSet.capacity / 64
        // What is announced must be there before memory is taken for it.
        guard let count = read(UInt32.self), remaining / (8 + words * 8) >= count else { return nil }
        var missing: [MissingPackets] = []
        for _ in 0..<count {
            guard let port = read(Int64.self), port >= 0 else { return nil }
            var packets = PacketSet()
            for word in 0..<words {
                guard let bits = read(UInt64.self) else { return nil }
                packets.setBits(word, bits)
            }
            missing.append(MissingPackets(port: Int(port), packets: packets))
        }
        return missing
    }

    private mutating func readAnnotations() -> [Annotation]? {
        guard let count = read(UInt32.self), remaining / 4 >= count else { return nil }
        var annotations: [Annotation] = []
        for _ in 0..<count {
            guard let name = readText(), let value = readValue() else { return nil }
            annotations.append(Annotation(name, value))
        }
        return annotations
    }

    private mutating func readValue() -> Annotation.Value? {
        switch read(UInt8.self) {
        case 0: read(Int64.self).map { .integer($0) }
        case 1: read(UInt64.self).map { .number(Double(bitPattern: $0)) }
        case 2: readText().map { .text($0) }
        case 3:
            switch read(UInt8.self) {
            case 0: .flag(false)
            case 1: .flag(true)
            default: nil
            }
        default: nil
        }
    }
}
