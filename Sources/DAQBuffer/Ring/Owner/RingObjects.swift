import DAQCore
import Glibc

/// The memory of a ring, in this process alone or in objects that other processes can open.
///
/// Whoever holds the lock of the owner's byte of the index that the name leads to owns the ring. Every step of making,
/// replacing and removing the objects happens under that lock, so that a crash at any point leaves something that the next
/// owner recognises.
final class RingObjects: Sendable {
    /// 0660: never for everybody.
    private static let mode: mode_t = 0o660
    /// What the std-daq services use; their mask takes the rest away.
    private static let stdDAQMode: mode_t = 0o777

    let geometry: RingGeometry
    let pixels: Mapping
    let header: RingHeader
    let leases: LeaseTable
    /// Whether an earlier owner's images are there.
    let isTakenOver: Bool
    /// The objects; `nil` for a ring without a name.
    let shared: Shared?

    /// The open objects of a ring with a name.
    final class Shared: Sendable {
        let names: RingNames
        let index: SharedObject
        let pixels: SharedObject
        let leases: SharedObject

        init(names: RingNames, index: SharedObject, pixels: SharedObject, leases: SharedObject) {
            (self.names, self.index, self.pixels, self.leases) = (names, index, pixels, leases)
        }
    }

    /// Memory of this process alone.
    init(anonymous geometry: RingGeometry, idStep: UInt64) throws(RingError) {
        self.geometry = geometry
        pixels = try Mapping.anonymous(geometry.pixelBytes)
        let indexMapping = try Mapping.anonymous(geometry.index.indexBytes)
        let leaseMapping = try Mapping.anonymous(geometry.index.leaseBytes)
        (shared, isTakenOver) = (nil, false)
        header = RingHeader(words: SharedWords(mapping: indexMapping))
        leases = LeaseTable(words: SharedWords(mapping: leaseMapping), slotCount: geometry.slotCount)
        header.describe(geometry, pixelsName: "", pixelsInode: 0, leasesInode: 0, idStep: idStep)
        leases.describe()
        header.words.store64(RingHeader.Offset.magic, RingHeader.magic)
    }

    /// Objects with names: those of an owner that has died, or new ones.
    ///
    /// - Parameter pixelLayout: where pixels lie in the images, which an earlier owner's images must agree with.
    /// - Throws: ``RingError/owned(name:by:)`` while another process owns the ring.
    init(_ names: RingNames, _ geometry: RingGeometry, idStep: UInt64, pixelLayout: UInt64) throws(RingError) {
        self.geometry = geometry
        let shared: Shared
        if let found = try Self.lockExisting(names) {
            if let old = try Self.usable(found, names, geometry, pixelLayout) {
                (shared, isTakenOver) = (old, true)
            } else {
                try Self.remove(found, names, geometry.layout, state: .replaced)
                (shared, isTakenOver) = (try Self.create(names, geometry), false)
            }
        } else {
            (shared, isTakenOver) = (try Self.create(names, geometry), false)
        }
        self.shared = shared
        let indexMapping: Mapping
        let leaseMapping: Mapping
        do {
            pixels = try shared.pixels.map(geometry.pixelBytes, writable: true)
            indexMapping = try shared.index.map(geometry.index.indexBytes, writable: true)
            leaseMapping = try shared.leases.map(geometry.index.leaseBytes, writable: true)
        } catch {
            if !isTakenOver { try? Self.unlinkAll(names, geometry.layout) }
            throw error
        }
        header = RingHeader(words: SharedWords(mapping: indexMapping))
        leases = LeaseTable(words: SharedWords(mapping: leaseMapping), slotCount: geometry.slotCount)
        if !isTakenOver {
            header.describe(
                geometry, pixelsName: names.pixels, pixelsInode: shared.pixels.inode, leasesInode: shared.leases.inode,
                idStep: idStep)
            leases.describe()
        }
        header.words.store64(RingHeader.Offset.idStep, idStep)
        announceOwner()
    }

    private func announceOwner() {
        header.words.store64(RingHeader.Offset.ownerPID, UInt64(getpid()))
        header.words.store64(RingHeader.Offset.ownerStartedAt, Clock.utc())
    }

    /// Makes the ring valid for readers, when everything in it is.
    func open(epoch: UInt64) {
        header.words.store64(RingHeader.Offset.ownerEpoch, epoch)
        header.words.store32(RingHeader.Offset.state, RingHeader.State.running.rawValue)
        header.words.store64(RingHeader.Offset.magic, RingHeader.magic)
    }

    /// The owner is done: says so, and takes the names away; who has mapped the memory keeps it.
    func end() {
        guard let shared, header.state == .running else { return }
        // When somebody has removed the name, it may be another ring's by now.
        if shared.index.isLinked {
            try? Self.remove(shared.index, shared.names, geometry.layout, state: .ended)
        } else {
            header.words.store32(RingHeader.Offset.state, RingHeader.State.ended.rawValue)
        }
        header.words.wake32(RingHeader.Offset.event, count: .max)
    }

    // MARK: Making

    /// The index of a ring that has none who owns it, locked; `nil` when there is no index.
    private static func lockExisting(_ names: RingNames) throws(RingError) -> SharedObject? {
        // An owner that ends at this moment takes the name away; then there is none, or a new one.
        for _ in 0..<100 {
            guard let index = try SharedObject.open(names.index, writable: true) else { return nil }
            guard try index.lock(byte: RingHeader.ownerByte) else { throw .owned(name: names.ring, by: owner(of: index)) }
            if index.isLinked { return index }
        }
        throw .owned(name: names.ring, by: "processes that come and go")
    }

    private static func create(_ names: RingNames, _ geometry: RingGeometry) throws(RingError) -> Shared {
        guard let index = try SharedObject.create(names.index, mode: mode), try index.lock(byte: RingHeader.ownerByte) else {
            // Somebody was faster between two steps of this process.
            throw .owned(name: names.ring, by: "a process that has just begun")
        }
        do throws(RingError) {
            try SharedObject.unlink(names.leases)
            guard let leases = try SharedObject.create(names.leases, mode: mode) else {
                throw RingError.foreign(name: names.leases, reason: "another program has made it at this moment")
            }
            try index.allocate(geometry.index.indexBytes)
            try leases.allocate(geometry.index.leaseBytes)
            let pixels = try geometry.layout == .native ? nativePixels(names, geometry) : stdDAQPixels(names, geometry)
            return Shared(names: names, index: index, pixels: pixels, leases: leases)
        } catch {
            // The index last: as long as it has its name, its lock is what counts.
            try? SharedObject.unlink(names.leases)
            try? SharedObject.unlink(names.index)
            throw error
        }
    }

    private static func nativePixels(_ names: RingNames, _ geometry: RingGeometry) throws(RingError) -> SharedObject {
        try SharedObject.unlink(names.pixels)
        guard let pixels = try SharedObject.create(names.pixels, mode: mode) else {
            throw .foreign(name: names.pixels, reason: "another program has made it at this moment")
        }
        return try allocated(pixels, geometry)
    }

    /// The object that the std-daq services share: whoever comes first makes it.
    private static func stdDAQPixels(_ names: RingNames, _ geometry: RingGeometry) throws(RingError) -> SharedObject {
        guard let found = try SharedObject.open(names.pixels, writable: true) else {
            guard let pixels = try SharedObject.create(names.pixels, mode: stdDAQMode, isMasked: true) else {
                throw .foreign(name: names.pixels, reason: "another program has made it at this moment; start again")
            }
            return try allocated(pixels, geometry)
        }
        // A larger or smaller one belongs to another configuration; sizing it anew would end its users.
        guard found.size == 0 || found.size == geometry.pixelBytes else {
            throw .stdDAQ(
                reason: "\(SharedObject.folder)/\(names.pixels) has \(found.size) bytes and this configuration needs "
                    + "\(geometry.pixelBytes); give all processes the same configuration, or remove the object")
        }
        try found.allocate(geometry.pixelBytes)
        return found
    }

    private static func allocated(_ pixels: SharedObject, _ geometry: RingGeometry) throws(RingError) -> SharedObject {
        do throws(RingError) {
            try pixels.allocate(geometry.pixelBytes)
        } catch {
            try? SharedObject.unlink(pixels.name)
            throw error
        }
        return pixels
    }

    /// The objects of an owner that has died, when they are whole and just what the new one needs.
    private static func usable(
        _ index: SharedObject, _ names: RingNames, _ geometry: RingGeometry, _ pixelLayout: UInt64
    ) throws(RingError) -> Shared? {
        guard index.size == geometry.index.indexBytes, let pixels = try SharedObject.open(names.pixels, writable: true),
            let leases = try SharedObject.open(names.leases, writable: true), pixels.size == geometry.pixelBytes,
            leases.size == geometry.index.leaseBytes
        else { return nil }
        let header = RingHeader(words: SharedWords(mapping: try index.map(RingHeader.bytes, writable: false)))
        let table = LeaseTable(
            words: SharedWords(mapping: try leases.map(geometry.index.leaseBytes, writable: false)), slotCount: geometry.slotCount
        )
        guard header.geometry == geometry, header.state == .running, header.isOf(pixels: pixels, leases: leases), table.isValid,
            header.pixelsName == names.pixels
        else { return nil }
        let layout = header.words.load64(RingHeader.Offset.preparedFor)
        // A source of one's own need not say that it fills slots whole.
        guard layout == pixelLayout || (layout == 0 && pixelLayout == ImageAssembler.wholeImages) else { return nil }
        return Shared(names: names, index: index, pixels: pixels, leases: leases)
    }

    // MARK: Removing

    /// Says what has become of the ring, and takes the names away; the caller holds the owner's lock.
    private static func remove(
        _ index: SharedObject, _ names: RingNames, _ layout: RingConfiguration.Layout, state: RingHeader.State
    ) throws(RingError) {
        if index.size >= RingHeader.bytes {
            let header = RingHeader(words: SharedWords(mapping: try index.map(RingHeader.bytes, writable: true)))
            header.words.store32(RingHeader.Offset.state, state.rawValue)
        }
        // Other services go on with their object when only our index is replaced.
        try unlinkAll(names, state == .ended ? .native : layout)
    }

    private static func unlinkAll(_ names: RingNames, _ layout: RingConfiguration.Layout) throws(RingError) {
        if layout == .native { try SharedObject.unlink(names.pixels) }
        try SharedObject.unlink(names.leases)
        // The index last: as long as it has its name, its lock is what counts.
        try SharedObject.unlink(names.index)
    }

    /// Removes a ring whose owner has died.
    ///
    /// - Throws: ``RingError/owned(name:by:)`` while somebody fills it, ``RingError/absent(name:existing:)`` when there is none.
    static func removeStale(_ names: RingNames) throws(RingError) {
        guard let index = try lockExisting(names) else {
            throw .absent(name: names.ring, existing: RingNames.existing())
        }
        try remove(index, names, .native, state: .ended)
    }

    /// Who owns a ring, in words.
    static func owner(of index: SharedObject) -> String {
        guard index.size >= RingHeader.bytes, let mapping = try? index.map(RingHeader.bytes, writable: false) else {
            return "a process that has just begun"
        }
        let pid = RingHeader(words: SharedWords(mapping: mapping)).ownerPID
        return pid == 0 ? "another process" : "process \(pid)"
    }
}
