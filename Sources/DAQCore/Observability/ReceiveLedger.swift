/// What happened to every datagram and every image id.
///
/// Both sums balance at any time; ``imbalance`` says so.
public struct ReceiveLedger: Sendable, Equatable {
    /// Datagrams by what became of them.
    public var packets = PacketLedger()
    /// Image ids by what became of them.
    public var images = ImageLedger()

    /// An empty ledger.
    public init() {}

    /// What does not add up, in words; `nil` when everything does.
    public var imbalance: String? { packets.imbalance ?? images.imbalance }
}

/// received = placed + duplicate + late + malformed + foreign + discarded + held.
public struct PacketLedger: Sendable, Equatable {
    /// Datagrams taken from sockets or captures.
    public var received: UInt64 = 0
    /// Written into an image.
    public var placed: UInt64 = 0
    /// Arrived a second time.
    public var duplicate: UInt64 = 0
    /// Arrived after their frame or image was closed.
    public var late: UInt64 = 0
    /// Could not be read, by reason.
    public var malformed: [MalformedReason: UInt64] = [:]
    /// Belong to something else, by reason.
    public var foreign: [ForeignReason: UInt64] = [:]
    /// Good packets that were given up, by reason.
    public var discarded: [DiscardReason: UInt64] = [:]
    /// Waiting for the decision whether a counter has jumped; 0 after a run.
    public var held: UInt64 = 0
    /// Datagrams the kernel dropped because a socket's buffer was full; not part of `received`.
    ///
    /// The kernel counts datagrams that it has joined (`receive.gro`) as one.
    public var kernelDropped: UInt64 = 0
    /// Packets whose header row or column differs from the first one of their port; they are placed all the same.
    public var positionChanged: UInt64 = 0

    /// An empty ledger.
    public init() {}

    /// What does not add up; `nil` when the sum is right.
    public var imbalance: String? {
        let sum =
            placed + duplicate + late + malformed.values.reduce(0, +) + foreign.values.reduce(0, +)
            + discarded.values.reduce(0, +) + held
        return sum == received ? nil : "datagrams: received \(received), accounted for \(sum)"
    }

    /// Adds the counts of another receiver.
    public static func += (left: inout PacketLedger, right: PacketLedger) {
        left.received += right.received
        left.placed += right.placed
        left.duplicate += right.duplicate
        left.late += right.late
        left.malformed.merge(right.malformed, uniquingKeysWith: +)
        left.foreign.merge(right.foreign, uniquingKeysWith: +)
        left.discarded.merge(right.discarded, uniquingKeysWith: +)
        left.held += right.held
        left.kernelDropped += right.kernelDropped
        left.positionChanged += right.positionChanged
    }
}

/// Why a good packet was given up.
public enum DiscardReason: String, Sendable, Hashable, CaseIterable {
    /// No slot of the ring was free for its image.
    case noFreeSlot
    /// Its frame number jumped ahead and no other packet confirmed the jump.
    case unconfirmedJump
    /// It belongs to a port whose module has no position (a grid cell that is not used).
    case unplaced
    /// Its image was overwritten in the memory of another program before it was copied.
    case overwritten
    /// The memory in which the pixels of its image should be cannot be read.
    case noPixels
}

/// last − first + 1 ids at the step, over all segments = complete + partial + missing + dropped.
public struct ImageLedger: Sendable, Equatable {
    /// Ids from the first to the last of every segment, at the configured step.
    public var expected: UInt64 = 0
    /// Published with every packet.
    public var complete: UInt64 = 0
    /// Published with missing packets.
    public var partial: UInt64 = 0
    /// Ids between the first and the last of which no packet arrived.
    public var missing: UInt64 = 0
    /// Not published, by reason.
    public var dropped: [ImageDropReason: UInt64] = [:]
    /// Packets that the published partial images lack.
    public var missingPackets: UInt64 = 0
    /// Segments opened.
    public var segments: UInt64 = 0
    /// When the first packet of the first and of the last decided image arrived, UTC nanoseconds; 0 before there is one.
    public var firstReceivedAt: UInt64 = 0
    /// See ``firstReceivedAt``.
    public var lastReceivedAt: UInt64 = 0

    /// An empty ledger.
    public init() {}

    /// Published images.
    public var published: UInt64 { complete + partial }

    /// What does not add up; `nil` when the sum is right.
    public var imbalance: String? {
        let sum = complete + partial + missing + dropped.values.reduce(0, +)
        return sum == expected ? nil : "images: \(expected) ids expected, \(sum) accounted for"
    }
}

/// Why an image was not published.
public enum ImageDropReason: String, Sendable, Hashable, CaseIterable {
    /// No slot of the ring was free when its first packet came.
    case noFreeSlot
    /// The only slot that it may have was held by somebody (`ring.layout` `std-daq`).
    case slotLeased
    /// It was in the memory of another process and was overwritten before this one could hold or copy it.
    case overwritten
    /// The memory of another process, in which its pixels should be, cannot be read.
    case noPixels
    /// It lacked packets and the policy is to drop such images.
    case incomplete
    /// The sending host gave it up, because the way, or this host, was too slow.
    case notForwarded
}
