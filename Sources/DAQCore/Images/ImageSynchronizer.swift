/// Decides which frames make an image, when it is due, and in which order images are published.
///
/// Images are published in ascending id within a segment. An image is due when no port can still bring a packet of it, or of
/// an earlier image: every port has passed it, or was silent for the time-out while the image waited. A silent port is not
/// waited for again until it speaks. The type is told what the ports see and when; it has no clock, no thread and no pixels.
struct ImageSynchronizer {
    /// What a port gets when it opens a frame of an image.
    enum Opened: Equatable {
        case image(ImageKey, slot: Int?)
        /// The image was published, dropped, or given up for this port.
        case late
        /// The id is too far from what has been seen: one packet is not enough to believe it.
        case implausible
        /// There is no slot for the image, which is not opened: the port asks again.
        case full
    }

    /// What a port may do about the packets it holds.
    enum JumpVerdict: Equatable {
        case wait
        /// They lie where its window moves next.
        case sortIn
        /// They belong to another count: the port forgets its window first.
        case beginAnew
    }

    /// One port as the synchroniser knows it.
    struct Port {
        /// Number of the stream it receives, by which files and users know it.
        let stream: Int
        let packets: PacketSet
        let packetCount: Int
        /// The segment its packets belong to: ports follow a restart each in its own time.
        var segment: UInt32?
        /// All its images up to this id are over, in its segment.
        var passed: UInt64?
        /// The highest id that it has opened a frame of, in its segment.
        var newest: UInt64?
        /// When its socket was last known to be empty: the time up to which its silence is proved.
        var quietUntil: UInt64 = 0
        /// When its last packet inside the window is known to have been accepted; 0 before the first.
        var acceptedAt: UInt64 = 0
        /// The lowest image id of the jump it believes in.
        var vote: UInt64?
    }

    private let step: UInt64
    /// How far an id may lie ahead of the head and still be believed at once.
    let reach: UInt64
    let maxGap: UInt64
    let timeout: UInt64
    private let incomplete: IncompletePolicy
    /// Whether a plausible image id says that the frame number is plausible as well.
    let idsAreFrameNumbers: Bool
    /// Why there are images without a slot.
    private let refusal: ImageDropReason
    /// So many images may be pending; then the oldest is closed as it is.
    private let maxPending: Int

    var ports: [Port]
    var silent = PortSet()
    /// Ascending by key.
    private var pending: [PendingImage] = []
    /// The segment that new images belong to; `nil` before the first packet.
    var segment: UInt32?
    /// The lowest id of the packets that opened the segment.
    var segmentStart: UInt64 = 0
    /// The highest id opened in the segment.
    var head: UInt64 = 0
    /// The highest id opened in the segment before.
    var previousHead: UInt64 = 0
    /// The last image whose fate is decided.
    var decided: ImageKey?
    /// Ports must close their frames up to this image: the ring is under pressure.
    private(set) var floor: ImageKey?
    var ledger = ImageLedger()

    /// A synchroniser of the placed streams of a detector.
    ///
    /// - Parameters:
    ///   - packets: the packet numbers of a frame of each of them.
    ///   - slots: images that the ring holds.
    ///   - refusal: why it has no slot for an image.
    init(
        _ configuration: DetectorConfiguration, packets: [Range<Int>], slots: Int, refusal: ImageDropReason = .noFreeSlot
    ) {
        self.refusal = refusal
        step = configuration.imageIDStep
        reach = UInt64(configuration.receive.window).saturatingProduct(step)
        maxGap = configuration.maxIDGap.saturatingProduct(step)
        timeout = configuration.syncTimeout
        incomplete = configuration.incomplete
        idsAreFrameNumbers = configuration.imageID == .frameNumber
        maxPending = max(2, slots - 2)
        ports = zip(configuration.placedStreams, packets).map { stream, packets in
            Port(stream: stream.number, packets: PacketSet(packets), packetCount: packets.count)
        }
    }

    // MARK: What ports report

    /// A port's socket was found empty at `time`.
    mutating func foundEmpty(_ port: Int, at time: UInt64) { ports[port].quietUntil = time }

    /// A port has the first packet of a frame.
    ///
    /// - Parameters:
    ///   - asksAgain: whether the port waits for a slot when there is none.
    ///   - claim: takes a slot of the ring.
    mutating func open(
        _ port: Int, id: UInt64, at time: UInt64, header: PacketHeader, receivedAt: UInt64, asksAgain: Bool = false,
        claim: () -> Int?
    ) -> Opened {
        guard let segment = ports[port].segment ?? segment, isPlausible(id, in: segment), !isOver(segment) else {
            return .implausible
        }
        ports[port].segment = segment
        ports[port].newest = max(ports[port].newest ?? 0, id)
        let key = ImageKey(segment: segment, id: id)
        if let decided, key <= decided {
            // A port that fell silent and comes back just behind the others speaks again; else it would be late for ever.
            if decided.segment == segment, decided.id - id < reach { silent.remove(port) }
            return .late
        }
        let index = position(of: key)
        if index == pending.count || pending[index].key != key {
            let slot = claim()
            if slot == nil, asksAgain { return .full }
            if pending.count >= maxPending {
                let last = pending[pending.count - maxPending].key
                floor = max(floor ?? last, last)
            }
            var metadata = ImageMetadata(id: id)
            metadata.segment = segment
            metadata.receivedAt = receivedAt
            metadata.expectedPackets = ports.reduce(0) { $0 + $1.packetCount }
            pending.insert(
                PendingImage(
                    key: key, slot: slot, metadata: metadata, openedAt: time, lastPacketAt: time, stampedBy: Int.max),
                at: index)
            if segment == self.segment { head = max(head, id) } else { previousHead = max(previousHead, id) }
        }
        // A port has one frame of an image: a second one would write into what may be published by then.
        if pending[index].skipped.contains(port) || pending[index].opened.contains(port) { return .late }
        pending[index].stamp(header, of: port)
        pending[index].opened.insert(port)
        pending[index].lastPacketAt = max(pending[index].lastPacketAt, time)
        ports[port].acceptedAt = time
        silent.remove(port)
        return .image(key, slot: pending[index].slot)
    }

    /// A port's frame of an image is over, with the packets in `received`.
    mutating func close(_ port: Int, _ key: ImageKey, received: PacketSet, lastPacketAt: UInt64) {
        let index = position(of: key)
        guard index < pending.count, pending[index].key == key else { return }
        pending[index].closed.insert(port)
        pending[index].lastPacketAt = max(pending[index].lastPacketAt, lastPacketAt)
        ports[port].acceptedAt = max(ports[port].acceptedAt, lastPacketAt)
        let lacking = ports[port].packets.subtracting(received)
        if !lacking.isEmpty { pending[index].metadata.missing.append(MissingPackets(port: ports[port].stream, packets: lacking)) }
    }

    /// All images of a port up to `id` are over, in the segment the port is in.
    mutating func pass(_ port: Int, through id: UInt64) {
        ports[port].passed = max(ports[port].passed ?? 0, id)
    }

    // MARK: Decisions

    /// Decides all images that are due now, in order.
    mutating func settle(_ decide: (ImageDecision) -> Void) {
        while let first = pending.first {
            if !isDue(first) {
                skipSilentPorts()
                guard isDue(pending[0]) else { return }
            }
            if let decision = finish(pending.removeFirst()) { decide(decision) }
        }
    }

    /// Decides every pending image as it is: the run is over.
    ///
    /// All frames must have been closed.
    mutating func finishAll(_ decide: (ImageDecision) -> Void) {
        while !pending.isEmpty {
            if let decision = finish(pending.removeFirst()) { decide(decision) }
        }
    }

    private func isDue(_ image: PendingImage) -> Bool {
        if image.isBeingFilled { return false }
        if let floor, image.key <= floor { return true }
        let isNext = decided.map { $0.segment == image.key.segment && $0.id &+ step >= image.key.id } ?? false
        return ports.indices.allSatisfy { port in
            silent.contains(port) || image.skipped.contains(port) || hasPassed(port, image.key)
                || (isNext && image.closed.contains(port))
        }
    }

    /// Whether a port can bring nothing more of an image, or of an earlier one.
    private func hasPassed(_ port: Int, _ key: ImageKey) -> Bool {
        guard let segment = ports[port].segment, segment >= key.segment else { return false }
        return segment > key.segment || ports[port].passed.map { $0 >= key.id } ?? false
    }

    /// Gives up the ports that have kept the oldest image waiting for the time-out.
    private mutating func skipSilentPorts() {
        guard !pending[0].isBeingFilled else { return }
        let image = pending[0]
        for port in ports.indices where ports[port].quietUntil >= image.lastPacketAt + timeout {
            if image.closed.contains(port) || hasPassed(port, image.key) { continue }
            pending[0].skipped.insert(port)
            if ports[port].acceptedAt <= image.openedAt { silent.insert(port) }
        }
    }

    private mutating func finish(_ image: PendingImage) -> ImageDecision? {
        var metadata = image.metadata
        for port in ports.indices where !image.closed.contains(port) {
            metadata.missing.append(MissingPackets(port: ports[port].stream, packets: ports[port].packets))
        }
        metadata.missing.sort { $0.port < $1.port }
        metadata.status = metadata.missing.isEmpty ? .good : .missingPackets
        count(image.key)
        if ledger.firstReceivedAt == 0 { ledger.firstReceivedAt = metadata.receivedAt }
        ledger.lastReceivedAt = metadata.receivedAt
        guard let slot = image.slot else {
            ledger.dropped[refusal, default: 0] += 1
            return nil
        }
        if metadata.status == .missingPackets, incomplete == .drop {
            ledger.dropped[.incomplete, default: 0] += 1
            return .abandon(slot: slot)
        }
        if metadata.status == .good {
            ledger.complete += 1
        } else {
            ledger.partial += 1
            ledger.missingPackets += UInt64(metadata.missingPackets)
        }
        return .publish(slot: slot, metadata)
    }

    /// Counts the ids up to this image, of which those in between are missing.
    private mutating func count(_ key: ImageKey) {
        if let decided, decided.segment == key.segment {
            let steps = max(1, (key.id - decided.id) / step)
            ledger.expected += steps
            ledger.missing += steps - 1
        } else {
            ledger.expected += 1
        }
        decided = key
        if let floor, floor <= key { self.floor = nil }
    }

    /// Where an image is, or would be, in `pending`.
    private func position(of key: ImageKey) -> Int {
        var low = 0
        var high = pending.count
        while low < high {
            let middle = (low + high) / 2
            if pending[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
