import DAQCore

/// Puts the images of a stream into order and counts those that are missing, by the rules that hold for packets.
///
/// Over one connection messages come in order, and each image is passed on at once. Over several, some are held until those
/// before them have come, or have had their time. A value without a clock or a socket.
struct ImageSequence {
    /// What is to be done with an image id.
    enum Verdict: Equatable {
        case expected
        /// The same image was there already.
        case duplicate
        /// Later images have been passed on.
        case late
    }

    /// An image that was accepted.
    struct Arrival {
        /// Where an image is, or why it is lost.
        enum Place: Equatable {
            case slot(Int)
            case lost(ImageDropReason)
        }

        var place: Place
        var metadata: ImageMetadata
        /// When it came, by the clock that never jumps.
        var at: UInt64
    }

    private let step: UInt64
    private let maxGap: UInt64
    private let timeout: UInt64
    /// So many images may be held until those before them come.
    private let reach: Int
    /// The same as a difference of ids.
    private let span: UInt64

    /// Ascending by id.
    private var held: [Arrival] = []
    private var segment: UInt32 = 0
    /// The last id that was passed on, in this segment.
    private var decided: UInt64?
    /// What became of all ids so far.
    private(set) var ledger = ImageLedger()

    /// A sequence for the images of a configuration.
    ///
    /// - Parameter isOrdered: whether messages come in the order they were sent.
    init(_ configuration: DetectorConfiguration, isOrdered: Bool) {
        step = configuration.imageIDStep
        maxGap = Self.product(configuration.maxIDGap, step)
        timeout = configuration.syncTimeout
        reach = isOrdered ? 0 : configuration.receive.window
        span = Self.product(UInt64(reach), step)
    }

    private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }

    /// The highest id of the segment.
    private var head: UInt64? { held.last?.metadata.id ?? decided }

    /// What is to be done with the next image.
    func verdict(on id: UInt64) -> Verdict {
        guard let head, id <= head else { return .expected }
        if id == decided || held.contains(where: { $0.metadata.id == id }) { return .duplicate }
        guard let decided, id < decided else { return .expected }
        // An id that far back can only be the sender's first after a restart.
        return head - id < span ? .late : .expected
    }

    /// Takes an image on which the verdict was `expected`; calls `publish` for those that are due.
    mutating func insert(_ arrival: Arrival, _ publish: (_ slot: Int, ImageMetadata) -> Void) {
        let id = arrival.metadata.id
        if head == nil {
            ledger.segments += 1
        } else if opensSegment(id) {
            finish(publish)
            segment &+= 1
            decided = nil
            ledger.segments += 1
        }
        var arrival = arrival
        arrival.metadata.segment = segment
        held.insert(arrival, at: held.firstIndex { $0.metadata.id > id } ?? held.endIndex)
        settle(at: arrival.at, publish)
    }

    /// Calls `publish` for the images that are due at a time.
    mutating func settle(at now: UInt64, _ publish: (_ slot: Int, ImageMetadata) -> Void) {
        while let first = held.first {
            let isNext = decided.map { first.metadata.id - $0 <= step } ?? false
            guard isNext || held.count > reach || now >= first.at &+ timeout else { return }
            pass(held.removeFirst(), publish)
        }
    }

    /// Calls `publish` for all images: the segment or the run is over.
    mutating func finish(_ publish: (_ slot: Int, ImageMetadata) -> Void) {
        while !held.isEmpty { pass(held.removeFirst(), publish) }
    }

    private func opensSegment(_ id: UInt64) -> Bool {
        guard let head else { return false }
        if let decided, id < decided { return true }
        return max(id, head) - min(id, head) > maxGap
    }

    private mutating func pass(_ arrival: Arrival, _ publish: (_ slot: Int, ImageMetadata) -> Void) {
        let id = arrival.metadata.id
        let steps = decided.map { max(1, (id - $0) / step) } ?? 1
        ledger.expected += steps
        ledger.missing += steps - 1
        decided = id
        if ledger.firstReceivedAt == 0 { ledger.firstReceivedAt = arrival.metadata.receivedAt }
        ledger.lastReceivedAt = arrival.metadata.receivedAt
        switch arrival.place {
        case .lost(let reason): ledger.dropped[reason, default: 0] += 1
        case .slot(let slot):
            if arrival.metadata.status == .good { ledger.complete += 1 } else { ledger.partial += 1 }
            publish(slot, arrival.metadata)
        }
    }
}
