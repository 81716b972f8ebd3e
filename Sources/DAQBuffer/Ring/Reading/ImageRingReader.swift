public import DAQCore
import Glibc
import Synchronization

/// Reads the images of a ring that another process fills.
///
/// Looking costs the owner nothing. A read is verified: it says when the image was overwritten meanwhile. A reader that needs
/// images to stay takes leases. Pixels are mapped for reading only.
///
///     let reader = try ImageRingReader(attachingTo: "jungfrau4m")
///     if let entry = reader.newest, let sum = reader.read(entry, { $0.withUnsafeBytes { … } }) { … }
public final class ImageRingReader: Sendable {
    /// How long and how many slots a reader may hold.
    public enum Kind: Sendable, Hashable {
        /// At most ``ImageRingReader/watcherLeases`` at a time; the owner takes a slot all the same when it has wanted it
        /// for a second, or when watchers hold a quarter of the ring.
        case watcher
        /// As many as it wants for as long as it lives; images that find no slot are lost for everybody.
        case lossless
    }

    /// The most images that a watcher can hold.
    public static let watcherLeases = 4

    /// Name of the ring.
    public let name: String
    /// Shape and type of every image.
    public let format: ImageFormat
    /// Number of slots.
    public let slotCount: Int
    /// How the slots lie in memory.
    public let layout: RingConfiguration.Layout
    /// Whether it may hold many images.
    public let kind: Kind

    let header: RingHeader
    let leases: LeaseTable
    let leaseState: Mutex<LeaseState>
    private let geometry: RingGeometry
    private let pixels: Mapping
    private let index: SharedObject
    let leaseObject: SharedObject

    /// The slots this reader asks for.
    struct LeaseState {
        /// Its place in the table; `nil` before the first lease.
        var place: Int?
        /// How often each slot is held.
        var counts: [Int: Int] = [:]
    }

    /// Opens a ring for reading.
    ///
    /// - Throws: ``RingError`` when there is no such ring, or it is not one that this version can read.
    public init(attachingTo name: String, as kind: Kind = .watcher) throws {
        let opened = try OpenedRing(name)
        self.name = name
        self.kind = kind
        geometry = opened.geometry
        format = opened.geometry.format
        slotCount = opened.geometry.slotCount
        layout = opened.geometry.layout
        (header, leases) = (opened.header, opened.leases)
        (pixels, index, leaseObject) = (opened.pixels, opened.index, opened.leaseObject)
        leaseState = Mutex(LeaseState())
    }

    deinit {
        let place = leaseState.withLock { $0.place }
        if let place { leases.leave(leaseObject, place: place) }
    }

    // MARK: Finding

    /// The rings on this host, by name.
    public static var names: [String] { RingNames.existing() }

    /// Frees the memory of a ring whose owner has died.
    ///
    /// - Throws: ``RingError/owned(name:by:)`` while a process fills it, ``RingError/absent(name:existing:)`` without any.
    public static func removeStale(_ name: String) throws { try RingObjects.removeStale(RingNames(name)) }

    /// The type of the detector; `nil` where the owner does not tell.
    public var detectorType: DetectorType? { header.detectorType }
    /// What the images hold; `nil` where the owner does not tell.
    public var content: RingConfiguration.Content? { header.content }
    /// Images published so far, by all owners: the number of the newest image.
    public var published: UInt64 { header.published }
    /// Images that this owner had no slot for.
    public var refused: UInt64 { header.refused }
    /// Counts the owners of the ring.
    public var epoch: UInt64 { header.ownerEpoch }
    /// Process number of the owner: for people.
    public var ownerPID: UInt64 { header.ownerPID }

    /// The image that was published last; `nil` before the first.
    public var newest: RingEntry? {
        // The owner publishes while this looks; it cannot do so for ever between two looks.
        for _ in 0..<1000 {
            let published = header.published
            guard published > 0 else { return nil }
            if let entry = entry(ofPublication: published) { return entry }
        }
        return latest { _ in true }.flatMap(entry(inSlot:))
    }

    /// The next image after a publication, with how many in between this reader has missed because they were overwritten.
    ///
    /// - Parameter publication: 0 for the oldest image that is there.
    /// - Returns: `nil` when there is none yet.
    public func next(after publication: UInt64) -> (entry: RingEntry, overwritten: UInt64)? {
        for _ in 0..<1000 {
            let published = header.published
            guard published > publication else { return nil }
            if let entry = entry(ofPublication: publication + 1) { return (entry, 0) }
            // Overwritten: the oldest one that is still there comes next.
            let oldest = publications.filter { $0.number > publication }.min { $0.number < $1.number }
            guard let oldest, let entry = entry(inSlot: oldest.slot), entry.publication == oldest.number else { continue }
            return (entry, publication == 0 ? 0 : entry.publication - publication - 1)
        }
        return newest.flatMap { $0.publication > publication ? ($0, $0.publication - publication - 1) : nil }
    }

    /// The image with an id, if it is still there: the newest one, when the detector has counted from the start again.
    public func entry(id: UInt64, segment: UInt32? = nil) -> RingEntry? {
        func isWanted(_ entry: RingEntry) -> Bool {
            entry.metadata.id == id && (segment == nil || segment == entry.metadata.segment)
        }
        let maps = RingMaps(header.words, geometry, idStep: header.idStep)
        if let slot = maps.slot(ofID: id), let entry = entry(inSlot: slot), isWanted(entry) { return entry }
        // Another image took its place in the map.
        return latest { descriptor($0).word(RingDescriptor.Offset.id) == id && entry(inSlot: $0).map(isWanted) ?? false }
            .flatMap(entry(inSlot:))
    }

    /// All images that are there, in no order.
    public var all: [RingEntry] { (0..<slotCount).compactMap { entry(inSlot: $0) } }

    /// The numbers of the images that are there, with their slots.
    private var publications: [(number: UInt64, slot: Int)] {
        (0..<slotCount).compactMap { slot in
            let descriptor = descriptor(slot)
            let isThere =
                descriptor.generation & 1 == 0
                && descriptor.half(RingDescriptor.Offset.state) == RingDescriptor.State.published.rawValue
            return isThere ? (descriptor.word(RingDescriptor.Offset.publication), slot) : nil
        }
    }

    /// The slot of the newest image among the wanted slots.
    private func latest(_ isWanted: (Int) -> Bool) -> Int? {
        publications.filter { isWanted($0.slot) }.max { $0.number < $1.number }?.slot
    }

    private func entry(ofPublication publication: UInt64) -> RingEntry? {
        let maps = RingMaps(header.words, geometry, idStep: header.idStep)
        guard let slot = maps.slot(ofPublication: publication), let entry = entry(inSlot: slot),
            entry.publication == publication
        else { return nil }
        return entry
    }

    private func entry(inSlot slot: Int) -> RingEntry? { RingEntry(descriptor(slot), slot: slot) }

    private func descriptor(_ slot: Int) -> RingDescriptor { RingDescriptor(header.words, geometry, slot: slot) }

    // MARK: Looking

    /// Lends the pixels of an image for the time of `body`, which may find pixels of another image among them: what it makes
    /// of them is only returned when it did not.
    ///
    /// - Returns: `nil` when the image was overwritten, before or meanwhile.
    public func read<Result>(_ entry: RingEntry, _ body: (RawSpan) throws -> Result) rethrows -> Result? {
        guard isThere(entry) else { return nil }
        let result = try body(bytes(entry).bytes)
        return isThere(entry) ? result : nil
    }

    /// Whether an image has not been overwritten until now.
    public func isThere(_ entry: RingEntry) -> Bool {
        entry.slot < slotCount && descriptor(entry.slot).isStill(entry.generation)
    }

    /// The pixels of an image, which change when its slot is used again.
    func bytes(_ entry: RingEntry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(pixels.bytes)[geometry.slotRange(entry.slot)].prefix(format.bytes))
    }

    // MARK: The owner

    /// Whether more images may come.
    public var condition: RingCondition {
        switch header.state {
        case .ended: return .ended
        case .replaced: return .replaced
        default: break
        }
        if index.isLockedByOthers(byte: RingHeader.ownerByte) { return .running }
        return index.isLinked ? .orphaned : .replaced
    }
}
