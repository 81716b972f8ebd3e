public import DAQCore
import Glibc
import Synchronization

extension ImageRingReader {
    /// Takes an image: its slot is not used again while any copy of the image exists, or until this process ends in any way.
    ///
    /// A watcher's image may change at any time, after a second as a rule; `isIntact` of its lease, and ``isThere(_:)``, tell.
    ///
    /// - Returns: `nil` when the image was overwritten, or a watcher holds too many.
    /// - Throws: ``RingError/readers(name:limit:)`` when too many processes hold images.
    public func lease(_ entry: RingEntry) throws -> Image? {
        guard entry.slot < slotCount, entry.slot >= 0 else { return nil }
        let isHeld = try leaseState.withLock { state throws(RingError) in try hold(entry, &state) }
        guard isHeld else { return nil }
        // Only to a lossless reader is a lease binding.
        let isIntact: (@Sendable () -> Bool)? = kind == .lossless ? nil : { @Sendable [self] in isThere(entry) }
        let lease = ImageLease(
            bytes: bytes(entry), place: ImagePlace(ring: name, slot: entry.slot, generation: entry.generation),
            isIntact: isIntact, release: { [self] in release(entry.slot) })
        return Image(metadata: entry.metadata, format: format, lease: lease)
    }

    /// Number of slots that any readers hold.
    public var leasedSlots: Int { (0..<slotCount).count { leases.holders(of: $0) != 0 } }

    /// Number of slots this reader holds.
    public var leasedCount: Int { leaseState.withLock { $0.counts.count } }

    private func hold(_ entry: RingEntry, _ state: inout LeaseState) throws(RingError) -> Bool {
        let count = state.counts[entry.slot, default: 0]
        if count == 0 {
            guard kind == .lossless || state.counts.count < Self.watcherLeases else { return false }
            let place = try place(&state)
            leases.lease(entry.slot, place: place)
            // The owner looks for leases after it has changed the generation: one of both sees the other.
            guard isThere(entry) else {
                leases.release(entry.slot, place: place)
                return false
            }
        } else {
            guard isThere(entry) else { return false }
        }
        state.counts[entry.slot] = count + 1
        return true
    }

    private func place(_ state: inout LeaseState) throws(RingError) -> Int {
        if let place = state.place { return place }
        let kind: LeaseTable.Kind = kind == .lossless ? .lossless : .watcher
        guard let place = try leases.register(leaseObject, kind: kind, pid: UInt64(getpid())) else {
            throw .readers(name: name, limit: LeaseTable.readers)
        }
        state.place = place
        return place
    }

    private func release(_ slot: Int) {
        leaseState.withLock { state in
            let count = state.counts[slot, default: 0]
            if count > 1 {
                state.counts[slot] = count - 1
            } else {
                state.counts[slot] = nil
                if let place = state.place { leases.release(slot, place: place) }
            }
        }
    }
}
