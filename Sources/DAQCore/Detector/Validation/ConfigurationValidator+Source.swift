extension ConfigurationValidator {
    /// Where whole images come from, for the types that send some.
    mutating func checkSource() {
        guard isSound("detector_type") else { return }
        guard configuration.type.sendsImages else {
            guard let source = configuration.source else { return }
            return report(
                .conflict, at: "source", expected: "a source only for types camera and pco",
                found: "one for \(configuration.type.rawValue)",
                hint: source.format == .stdDAQ
                    ? "whoever takes the images of std-daq services sees a camera: set detector_type to \"camera\""
                    : "the other types are received as UDP packets")
        }
        checkBitDepth()
        guard isSound("source", "source.address", "source.format", "source.forward") else { return }
        guard let source = configuration.source else {
            guard configuration.forwardSource == nil else { return }
            return report(
                .missingKey, at: "source",
                expected: "where the images come from, such as {\"address\": \"tcp://camera:9999\", \"format\": \"bsread\"}",
                found: "nothing")
        }
        switch source.format {
        case .array10, .bsread: checkMessages(source)
        case .stdDAQ: checkServices(source)
        }
        if configuration.liveStreams.contains(where: { $0.address == source.endpoint }) {
            report(
                .conflict, at: "streams", expected: "streams at other addresses than the source",
                found: "one at \(source.endpoint)",
                hint: "\"streams\": [] publishes nothing")
        }
    }

    /// Streams with the pixels in the messages.
    private mutating func checkMessages(_ source: SourceConfiguration) {
        if !EndpointAddress.isPossible(source.address) {
            report(
                at: "source.address", expected: "tcp://HOST:PORT, with a port up to 65535, or ipc:///PATH",
                found: source.address.debugDescription)
        }
        if isSound("source.connections", "source.pattern"), source.connections > 1, source.pattern == .subscribe {
            report(
                .conflict, at: "source.connections", expected: "1 connection to subscribe", found: "\(source.connections)",
                hint: "each would bring every image again; only pattern \"pull\" shares them out")
        }
        if isSound("source.channel"), source.channel != nil, source.format == .array10 {
            report(
                .conflict, at: "source.channel", expected: "a channel only for bsread", found: "one for array-1.0",
                hint: "an array-1.0 message has one image and no channels")
        }
        if isSound("source.slots"), source.slots != nil {
            report(
                .conflict, at: "source.slots", expected: "slots only for std-daq", found: "some for \(source.format.rawValue)",
                hint: "they are those of the services' memory")
        }
    }

    /// The memory of std-daq services.
    private mutating func checkServices(_ source: SourceConfiguration) {
        if source.stdDAQDetector == nil {
            report(
                at: "source.address",
                expected: "the detector_name of the services, or ipc:///tmp/NAME-image, -filter or -delay-filter",
                found: source.address.debugDescription, hint: "pixels are taken from the memory of this host")
        }
        let others: [(String, found: String?)] = [
            ("connections", source.connections == 1 ? nil : "\(source.connections)"),
            ("pattern", source.pattern == .subscribe ? nil : source.pattern.rawValue), ("channel", source.channel),
        ]
        for (key, found) in others where isSound("source.\(key)") {
            guard let found else { continue }
            report(
                .conflict, at: ConfigurationPath("source")[key], expected: "none for std-daq, whose services are subscribed to",
                found: found)
        }
        if isSound("ring.layout"), configuration.ring.layout == .stdDAQ {
            report(
                .conflict, at: "ring.layout", expected: "native where images come from std-daq services",
                found: configuration.ring.layout.rawValue, hint: "their memory is theirs")
        }
    }

    private mutating func checkBitDepth() {
        guard isSound("bit_depth") else { return }
        guard [8, 16, 32].contains(configuration.bitDepth) else {
            return report(
                at: "bit_depth", expected: "8, 16 or 32 for \(configuration.type.rawValue)", found: "\(configuration.bitDepth)")
        }
        guard let type = configuration.source?.pixelType, type.bytes * 8 != configuration.bitDepth else { return }
        report(
            .conflict, at: "source.pixel_type", expected: "a type of \(configuration.bitDepth) bits, as bit_depth says",
            found: type.rawValue)
    }
}
