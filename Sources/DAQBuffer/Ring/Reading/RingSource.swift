public import DAQCore
import Synchronization

/// The images of a ring that another process fills, as the source of a pipeline.
///
/// Each image is held from the moment it is seen until the pipeline's sinks have let it go, so a lossless reader misses
/// nothing while this thread gets processor time. The source ends with the ring's owner.
public final class RingSource: ImageSource {
    private let reader: ImageRingReader
    private let first: UInt64
    private let isStopped = Atomic(false)
    private let counts = Mutex(ReceiveLedger())
    /// Losses are counted up to here, so that the sums are right whatever the index says: another process writes it.
    private static let most: UInt64 = 1 << 61

    /// The images after a publication; `0` begins with the oldest one that is there.
    ///
    /// With a reader that watches, pixels may change while sinks look at them: use it for sinks that ask (`isIntact` of the lease),
    /// as ``LiveStream`` does, and a lossless one for those that store or forward.
    public init(_ reader: ImageRingReader, after publication: UInt64) {
        self.reader = reader
        first = publication
    }

    /// Nothing has to be acquired: the reader is attached.
    public func prepare() {}

    /// Delivers images until the owner ends, or ``stop()``.
    ///
    /// - Throws: ``RingError/readers(name:limit:)`` when too many processes hold images.
    public func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        var position = first
        var segment: UInt32?
        while !isStopped.load(ordering: .acquiring) {
            let event = reader.wait(after: position, milliseconds: 100)
            let before = position
            while !isStopped.load(ordering: .acquiring), let (entry, overwritten) = reader.next(after: position) {
                position = entry.publication
                let image = try reader.lease(entry)
                count(entry, overwritten: overwritten, isTaken: image != nil, opensSegment: segment != entry.metadata.segment)
                segment = entry.metadata.segment
                if let image { deliver(image) }
            }
            // What was published before the end has been delivered.
            if event == .over { return }
            // Images that were announced and are there no more do not tell when the owner ends.
            if event == .images, position == before {
                guard reader.condition == .running else { return }
                Pause.milliseconds(10)
            }
        }
    }

    /// Ends ``run(_:)``.
    public func stop() { isStopped.store(true, ordering: .releasing) }

    /// What happened to images; their packets are the owner's business.
    public var ledger: ReceiveLedger { counts.withLock { $0 } }

    private func count(_ entry: RingEntry, overwritten: UInt64, isTaken: Bool, opensSegment: Bool) {
        counts.withLock { counts in
            let isFirst = counts.images.expected == 0
            let room = Self.most - min(Self.most, counts.images.expected)
            // What lies before the first image is not this run's.
            let skipped = isFirst ? 0 : min(entry.idsSkipped, room)
            let overwritten = isFirst ? 0 : min(overwritten, room - skipped)
            let lost = overwritten + (isTaken ? 0 : 1)
            counts.images.expected += 1 + skipped + overwritten
            counts.images.missing += skipped
            if lost > 0 { counts.images.dropped[.overwritten, default: 0] += lost }
            if opensSegment { counts.images.segments += 1 }
            let time = entry.metadata.receivedAt
            if isFirst { counts.images.firstReceivedAt = time }
            counts.images.lastReceivedAt = time
            guard isTaken else { return }
            if entry.metadata.status == .good {
                counts.images.complete += 1
            } else {
                counts.images.partial += 1
                counts.images.missingPackets += UInt64(entry.missingPackets)
            }
        }
    }
}
