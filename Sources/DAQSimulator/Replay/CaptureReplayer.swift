public import DAQCore
internal import Glibc

/// Sends recorded datagrams again: pcap files, and folders of std-daq dumps.
///
/// A dump folder is sent image by image over all its ports; a pcap file keeps the order it was captured in. Frame numbers and
/// everything else in the datagrams stay as they were recorded.
public struct CaptureReplayer: Sendable {
    /// What a replay is told.
    public struct Options: Sendable, Equatable {
        /// How fast.
        public var rate = ReplayRate.original
        /// Port that the lowest recorded port becomes; the others keep their distance to it.
        public var basePort: Int?
        /// How often everything is sent; `nil` for until it is stopped.
        ///
        /// Every turn starts the detector's counter again.
        public var loops: Int? = 1
        /// Which images several destinations get.
        public var distribution = Distribution.copies
        /// Whether the kernel may cut messages into datagrams.
        public var segmentation = true
        /// Whether packets wait until a receiver on this host has room for them, see ``PacketSender``.
        public var waitsForReceivers = false

        /// Once, at original speed, to the recorded ports.
        public init() {}
    }

    private enum Recording: Hashable {
        case pcap(String)
        case dump(DumpFolder)
    }

    /// The recorded ports, in ascending order.
    ///
    /// Of a pcap file these are the ones that got at least one detector packet.
    public let ports: [Int]
    private let recordings: [Recording]

    /// Looks at recordings: every pcap file is read once, to find its ports.
    ///
    /// - Parameter paths: pcap files or folders of `<port>.dat` files, sent one after the other.
    /// - Throws: when one cannot be read, or none holds packets of a detector.
    public init(paths: [String]) throws(CaptureError) {
        var ports: Set<Int> = []
        var recordings: [Recording] = []
        for path in paths {
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                let folder = try DumpFolder(path: path)
                ports.formUnion(folder.ports)
                recordings.append(.dump(folder))
            } else {
                let file = try PcapFile(path: path)
                while let datagram = try file.next() {
                    if ReplayHeader.isPlausible(datagram.bytes) { ports.insert(Int(datagram.destinationPort)) }
                }
                recordings.append(.pcap(path))
            }
        }
        guard !ports.isEmpty else {
            throw CaptureError(
                .empty, path: paths.joined(separator: ", "),
                "no packet of a detector found; expected UDP datagrams with the 48-byte header of JUNGFRAU, EIGER or MOENCH")
        }
        self.ports = ports.sorted()
        self.recordings = recordings
    }

    /// Sends everything on the calling thread and returns when it is sent.
    ///
    /// - Parameters:
    ///   - destinations: hosts; their shifts come on top of the options' base port.
    ///   - faults: a plan; it names ports as they were recorded, or by their distance to the lowest one.
    ///   - progress: called after every image.
    /// - Throws: ``SenderError`` when a socket cannot be opened or the rate is impossible, `CaptureError` when a recording cannot be read.
    public func send(
        to destinations: [Destination], options: Options = Options(), faults: FaultPlan = FaultPlan(),
        stop: StopFlag = StopFlag(),
        progress: (SenderStatistics) -> Void = { _ in }
    ) throws -> TransmissionReport {
        try options.rate.check()
        let lowest = ports[0]
        let shift = (options.basePort ?? lowest) - lowest
        let sender = try PacketSender(
            ports: ports.map { $0 + shift }, to: destinations, distribution: options.distribution,
            segmentation: options.segmentation, waitsForReceivers: options.waitsForReceivers, stop: stop)
        let transmitter = ImageTransmitter(
            sender, faults: faults, streamNumbers: ports.map { $0 - lowest }, ports: Array(lowest...(ports.last ?? lowest)),
            stop: stop)
        let started = Pacer.now()
        var turn = 0
        while turn < options.loops ?? .max, !stop.isSet {
            for recording in recordings {
                try send(recording, transmitter, rate: options.rate, stop: stop, progress: progress)
            }
            turn += 1
        }
        transmitter.finish()
        return transmitter.report(started: started)
    }

    private func send(
        _ recording: Recording, _ transmitter: ImageTransmitter, rate: ReplayRate, stop: StopFlag,
        progress: (SenderStatistics) -> Void
    ) throws {
        let channels = Dictionary(uniqueKeysWithValues: ports.enumerated().map { ($1, $0) })
        let source: any RecordedImages =
            switch recording {
            case .pcap(let path): try PcapImages(path: path, channels: channels)
            case .dump(let folder): try DumpImages(folder, channels: channels)
            }
        let image = RecordedImage()
        var clock = ReplayClock(rate, now: Pacer.now() + 1_000_000)
        while !stop.isSet, try source.next(into: image) {
            let (start, spread) = clock.schedule(
                timestamp: image.timestamp, captureTime: image.captureTime, bytes: image.byteCount)
            let (groups, order) = arrange(image, keepsOrder: source.keepsOrder)
            transmitter.transmit(groups, at: start, over: spread, capacity: image.longest) { _, position, place in
                image.write(order[position], to: place)
            }
            progress(transmitter.sender.statistics)
            image.removeAll()
        }
    }

    /// Puts datagrams into groups: runs of one port in recorded order, or a small group from every port in turn.
    private func arrange(_ image: RecordedImage, keepsOrder: Bool) -> (groups: [ImageTransmitter.Group], order: [Int]) {
        if keepsOrder {
            var groups: [ImageTransmitter.Group] = []
            let size = max(1, min(PacketSender.batchDatagrams, ImageTransmitter.groupBytes / max(1, image.longest)))
            for (index, piece) in image.pieces.enumerated() {
                if let last = groups.last, last.channel == piece.channel, last.packets.count < size {
                    groups[groups.count - 1].packets = last.packets.lowerBound..<index + 1
                } else {
                    groups.append(ImageTransmitter.Group(channel: piece.channel, packets: index..<index + 1))
                }
            }
            return (groups, Array(image.pieces.indices))
        }
        var indices = [[Int]](repeating: [], count: ports.count)
        for (index, piece) in image.pieces.enumerated() { indices[piece.channel].append(index) }
        var ranges: [Range<Int>] = []
        var first = 0
        for channel in indices {
            ranges.append(first..<first + channel.count)
            first += channel.count
        }
        return (ImageTransmitter.groups(packets: ranges, datagramBytes: image.longest), indices.flatMap { $0 })
    }
}
