import DAQCore

/// Compares published images with what arrived: an image never lies.
struct ImageChecker {
    private let scenario: Scenario
    private let model: PixelModel
    private let streams: [UDPStream]
    private let formats: [StandardPacketFormat]
    /// Positions of the placed streams among all streams.
    private let placed: [Int]
    private let expectedPackets: Int
    private let pixelBytes: Int
    /// All ones: what raw pixels are where a packet is missing.
    private let mask: UInt32
    private var last: (segment: UInt32, id: UInt64)?
    private(set) var digest = Digest()

    // What the published images add up to.
    private(set) var published: UInt64 = 0
    private(set) var complete: UInt64 = 0
    private(set) var missingPackets: UInt64 = 0
    private(set) var placedPackets: UInt64 = 0
    private(set) var segments: Set<UInt32> = []
    /// In fair weather the frame of each published image; after a storm those of its end, with how many packets they lacked.
    private(set) var frames: [(frame: Int, missing: Int)] = []

    init(_ scenario: Scenario, model: PixelModel, formats: [StandardPacketFormat]) {
        self.scenario = scenario
        self.model = model
        self.formats = formats
        streams = scenario.configuration.streams
        let numbers = Set(scenario.configuration.placedStreams.map(\.number))
        let placed = scenario.configuration.streams.indices.filter { numbers.contains($0) }
        self.placed = placed
        pixelBytes = model.pixelType.bytes
        mask = .max >> UInt32(32 - 8 * model.pixelType.bytes)
        expectedPackets = placed.reduce(0) { $0 + formats[$1].packets.count }
    }

    /// Checks the next published image.
    mutating func check(_ image: Image, against arrivals: Arrivals) throws(Violation) {
        let metadata = image.metadata
        let key = (segment: metadata.segment, id: metadata.id)
        if let last {
            try require(last < key, "image \(metadata.name) was published after \(last.segment):\(last.id)")
        }
        last = key
        published += 1
        segments.insert(metadata.segment)
        let missing = metadata.missingPackets
        try require(missing <= expectedPackets, "image \(metadata.name) lacks \(missing) of \(expectedPackets) packets")
        missingPackets += UInt64(missing)
        placedPackets += UInt64(expectedPackets - missing)
        if metadata.status == .good { complete += 1 }
        try requireEqual(metadata.expectedPackets, expectedPackets, "expected packets of image \(metadata.name)")
        try requireEqual(metadata.status == .good, missing == 0, "image \(metadata.name) is good")
        try require(
            scenario.configuration.incomplete == .emit || missing == 0, "partial image \(metadata.name) was not dropped")
        let ports = metadata.missing.map(\.port)
        try require(ports == Set(ports).sorted(), "image \(metadata.name) lists the streams \(ports)")

        let candidates = try candidates(for: metadata, arrivals)
        try checkPackets(image, candidates, arrivals)
        try checkMetadata(metadata, candidates, arrivals)
        if let frame = candidates.first, candidates.count == 1 { frames.append((frame, missing)) }
        for number in [UInt64(metadata.segment), metadata.id, metadata.receivedAt, UInt64(metadata.informationDifference)] {
            digest.add(number)
        }
    }

    /// Checks that somebody's image is still the one that was published.
    mutating func checkAgain(_ image: Image, against arrivals: Arrivals) throws(Violation) {
        try checkPackets(image, try candidates(for: image.metadata, arrivals), arrivals)
    }

    /// The frames that an image may be made of.
    private func candidates(for metadata: ImageMetadata, _ arrivals: Arrivals) throws(Violation) -> [Int] {
        var candidates = arrivals.frames(withID: metadata.id)
        if scenario.weather == .fair {
            // Each start of the counter is a segment.
            try require(
                metadata.segment < scenario.stretches.count, "image \(metadata.name) is of a segment that was never sent")
            let stretch = scenario.stretches[Int(metadata.segment)]
            candidates = candidates.filter { (stretch.base..<stretch.base + stretch.count).contains($0) }
        }
        try require(!candidates.isEmpty, "image \(metadata.name) was never sent")
        return candidates
    }

    private mutating func checkPackets(_ image: Image, _ candidates: [Int], _ arrivals: Arrivals) throws(Violation) {
        for stream in placed {
            let lacking = image.metadata.missing.first { $0.port == streams[stream].number }?.packets ?? PacketSet()
            let tags = candidates.map { (frame: $0, tag: model.tag(frame: $0, stream: stream)) }
            let problem = image.withBytes { bytes in
                firstProblem(bytes, stream, lacking, tags, arrivals)
            }
            if let problem { throw Violation(description: "image \(image.metadata.name), stream \(stream): \(problem)") }
        }
        guard candidates.count == 1, DatagramWriter.isWhole(candidates[0]) else { return }
        let gap = image.withBytes { bytes in model.gaps.first { pixel(bytes, $0) != 0 } }
        if let gap { throw Violation(description: "image \(image.metadata.name): gap pixel \(gap) is not 0") }
    }

    /// What is wrong with the pixels of a stream, packet by packet.
    private mutating func firstProblem(
        _ bytes: RawSpan, _ stream: Int, _ lacking: PacketSet, _ candidates: [(frame: Int, tag: UInt64)], _ arrivals: Arrivals
    ) -> String? {
        let packets = formats[stream].packets
        let isFair = scenario.weather == .fair
        let isWhole = candidates.count == 1 && DatagramWriter.isWhole(candidates[0].frame)
        let pixels = isWhole ? Array(0..<model.pixelsPerPacket) : model.markerPixels
        let positions = isWhole ? model.positions[stream] : model.markerPositions[stream]
        for packet in 0..<packets.count {
            let number = packet + packets.lowerBound
            let first = packet * pixels.count
            if lacking.contains(number) {
                if isFair, arrivals.has(packet, stream: stream, frame: candidates[0].frame) {
                    return "packet \(number) arrived and is named missing, with \(lacking.count) of \(packets.count)"
                }
                for index in pixels.indices where pixel(bytes, positions[first + index]) != mask {
                    return "packet \(number) is missing and its pixels are not the missing value"
                }
                digest.add(UInt64(number) << 32 | UInt64(stream))
                continue
            }
            var source: UInt64?
            for candidate in candidates where arrivals.has(packet, stream: stream, frame: candidate.frame) {
                let isRight = pixels.indices.allSatisfy { index in
                    pixel(bytes, positions[first + index])
                        == model.bits(tag: candidate.tag, packet: packet, pixel: pixels[index]) & mask
                }
                if isRight { source = candidate.tag }
            }
            guard let source else {
                let sent = candidates.map(\.frame).filter { arrivals.has(packet, stream: stream, frame: $0) }
                return sent.isEmpty
                    ? "packet \(number) never arrived and is not named missing"
                    : "packet \(number) does not have the pixels that were sent in frame \(sent)"
            }
            digest.add(source)
        }
        return nil
    }

    @inline(__always)
    private func pixel(_ bytes: RawSpan, _ position: Int32) -> UInt32 {
        switch pixelBytes {
        case 1: UInt32(bytes.unsafeLoad(fromByteOffset: Int(position), as: UInt8.self))
        case 2: UInt32(bytes.unsafeLoad(fromByteOffset: Int(position) * 2, as: UInt16.self))
        default: bytes.unsafeLoad(fromByteOffset: Int(position) * 4, as: UInt32.self)
        }
    }

    private func checkMetadata(_ metadata: ImageMetadata, _ candidates: [Int], _ arrivals: Arrivals) throws(Violation) {
        guard scenario.weather == .fair else {
            try require(
                candidates.contains { DatagramWriter.timestamp(ofFrame: $0) == metadata.detectorTimestamp },
                "image \(metadata.name) has time stamp \(metadata.detectorTimestamp)")
            return
        }
        let frame = candidates[0]
        let heard = placed.filter { arrivals.count(stream: $0, frame: frame) > 0 }
        let words = heard.map { DatagramWriter.information(ofFrame: frame, stream: $0) }
        try requireEqual(
            metadata.detectorTimestamp, DatagramWriter.timestamp(ofFrame: frame), "time stamp of image \(metadata.name)")
        try requireEqual(metadata.information, words.first ?? 0, "information word of image \(metadata.name)")
        let difference = words.reduce(0) { $0 | ($1 ^ words[0]) }
        try requireEqual(metadata.informationDifference, difference, "difference of information words, image \(metadata.name)")
        let pulse = scenario.isByBunch ? metadata.id : scenario.bunch(ofFrameNumber: metadata.id)
        try requireEqual(metadata.pulseID, pulse, "pulse id of image \(metadata.name)")
        // Packets that begin a segment, or come after a gap, are held first; the first of them gives the time of all.
        let index = frame - scenario.stretches[Int(metadata.segment)].base
        guard index >= Scenario.quietFrames, scenario.bursts.threshold == 0, scenario.wildNumbers.threshold == 0 else { return }
        try requireEqual(metadata.receivedAt, arrivals.firstAt[frame], "time of arrival of image \(metadata.name)")
    }
}

extension ImageMetadata {
    /// Segment and id.
    var name: String { "\(segment):\(id)" }
}
