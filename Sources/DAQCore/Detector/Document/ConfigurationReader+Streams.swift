extension ConfigurationReader {
    /// The live streams of a document: `streams`, or when there is no such key `live_stream_configs`.
    mutating func streams(of detector: String) -> [StreamConfiguration] {
        guard let entries = list("streams") else { return liveStreams("live_stream_configs") ?? [] }
        return entries.compactMap { stream($0, of: detector) }
    }

    /// One entry of `streams`; `nil` when it is wrong, which has been reported then.
    private mutating func stream(_ entry: ConfigurationReader, of detector: String) -> StreamConfiguration? {
        guard entry.problems.isEmpty, let format: StreamFormat = entry.choice("streams[].format") else { return nil }
        guard let address = entry.text("streams[].address") ?? format.usualAddress(of: detector) else {
            report(
                .missingKey, at: entry.path["address"], expected: "an address to listen at, such as \"tcp://*:9001\"",
                found: "nothing")
            return nil
        }
        guard let selection = selection(of: entry) else { return nil }
        let corners = entry.integers("streams[].region")
        if let corners, corners.count != 4 {
            report(
                at: entry.path["region"], expected: "[x_start, y_start, x_end, y_end], both corners included",
                found: "\(corners.count) numbers")
            return nil
        }
        let region = corners.map { ImageRegion(xStart: $0[0], yStart: $0[1], xEnd: $0[2], yEnd: $0[3]) }
        var stream = StreamConfiguration(
            format, address: address, pattern: entry.choice("streams[].pattern"), selection: selection, region: region,
            binning: entry.integer("streams[].binning") ?? 1)
        stream.compression = entry.choice("streams[].compression") ?? .none
        return stream
    }

    private mutating func selection(of entry: ConfigurationReader) -> StreamSelection? {
        let written = ["every", "rate", "batch"].filter { entry.values["streams[].\($0)"] != nil }
        guard written.count <= 1 else {
            report(
                .conflict, at: entry.path[written[1]], expected: "one of every, rate and batch",
                found: written.joined(separator: " and "))
            return nil
        }
        if let images = entry.integer("streams[].burst") {
            guard let rate = entry.number("streams[].rate") else {
                report(
                    .missingKey, at: entry.path["burst"], expected: "a rate beside burst", found: "none",
                    hint: "rate says how many bursts a second there are")
                return nil
            }
            return .burst(images, hertz: rate)
        }
        if let rate = entry.number("streams[].rate") { return .hertz(rate) }
        if let batch = entry.integers("streams[].batch") {
            guard batch.count == 2, batch[0] <= batch[1] else {
                report(
                    at: entry.path["batch"], expected: "[n, m]: of m consecutive ids the first n are sent", found: "\(batch)")
                return nil
            }
            return .batch(batch[0], of: batch[1])
        }
        let every = entry.integer("streams[].every") ?? 1
        return every == 1 ? .image : .nth(every)
    }

    private mutating func report(
        _ kind: ConfigurationProblem.Kind = .impossibleValue, at path: ConfigurationPath, expected: String, found: String,
        hint: String? = nil
    ) {
        report(ConfigurationProblem(kind, at: path, expected: expected, found: found, hint: hint), making: "streams")
    }

    /// Reads `live_stream_configs`: address to `{"type": "forward" | "periodic" | "batch", "config": [a, b]}`.
    mutating func readLiveStreams(_ members: [JSONMember], at path: ConfigurationPath) {
        var streams: [StreamConfiguration] = []
        for member in members {
            guard let selection = selection(ofLiveStream: member.node) else {
                report(
                    ConfigurationProblem(
                        .impossibleValue, at: path[member.key], origin: member.node.origin,
                        expected: #"{"type": "forward"}, {"type": "periodic", "config": [images, hertz]} or "#
                            + #"{"type": "batch", "config": [n, m]}"#,
                        found: member.node["type"].map {
                            "type \($0.description)" + (member.node["config"] == nil ? "" : " with another config")
                        }
                            ?? member.node.description),
                    making: "live_stream_configs")
                continue
            }
            streams.append(StreamConfiguration(.array10, address: member.key, selection: selection))
        }
        setLiveStreams(streams)
    }

    private func selection(ofLiveStream node: JSONNode) -> StreamSelection? {
        guard case .text(let type)? = node["type"]?.value else { return nil }
        var numbers: [Double] = []
        if case .array(let elements)? = node["config"]?.value { numbers = elements.compactMap(\.number) }
        let count = numbers.first.flatMap { Int(exactly: $0) } ?? 0
        switch type {
        case "forward": return .image
        case "periodic":
            guard numbers.count == 2, count > 0, numbers[1] > 0 else { return nil }
            return count == 1 ? .hertz(numbers[1]) : .burst(count, hertz: numbers[1])
        case "batch":
            guard numbers.count == 2, count > 0, let of = Int(exactly: numbers[1]), of >= count else { return nil }
            return .batch(count, of: of)
        default: return nil
        }
    }
}

extension StreamFormat {
    /// The address at which everybody expects such a stream of a detector.
    func usualAddress(of detector: String) -> String? { self == .stdDAQ ? "ipc:///tmp/\(detector)-image" : nil }
}
