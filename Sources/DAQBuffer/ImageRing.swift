import CDAQLinux
public import DAQCore
import Synchronization

/// Memory for the images of one detector: slots that are filled, published, held by whoever looks at them, and reused.
///
/// A ring with a name lies in shared memory, where any number of processes can read it (``ImageRingReader``); this process
/// alone fills it. A ring without a name is memory of this process. The ring is full only when every slot is being filled or
/// held. Free slots are used in turn, the one that has been free for the longest time first. All memory is there when `init`
/// returns. docs/ring-layout.md describes the memory byte by byte.
///
/// The ring ends with ``end()``, or when it and the last of its images are gone: its names are then removed, and readers that
/// have it open keep what they see.
public final class ImageRing: ImageBuffer {
    /// Shape and type of every image.
    public let format: ImageFormat
    /// Number of slots.
    public let slotCount: Int
    /// Name under which other processes find the ring; `nil` for a ring of this process alone.
    public let name: String?
    /// What an owner that had died has left; `nil` for a new ring.
    public let takeover: RingTakeover?

    /// Sleeping readers are woken at most so often, in nanoseconds.
    private static let wakeInterval: UInt64 = 20_000_000

    let objects: RingObjects
    let geometry: RingGeometry
    private let epoch: UInt64
    let state: Mutex<State>

    struct State {
        var queue: SlotQueue
        fileprivate var counter: PublicationCounter
        fileprivate var watch: LeaseWatch
        /// Whether no slot was ever claimed, so that all bytes are still 0; std-daq pixels may be those of other services.
        fileprivate var isFresh: Bool
        fileprivate var lastWake: UInt64 = 0
        fileprivate var refused: UInt64 = 0
        fileprivate var damage: RingDamage?
        /// Whether what an earlier owner has left stays for the next one.
        fileprivate var isLeft = false
    }

    /// Takes the objects as they are, with what an earlier owner has left in them.
    init(_ objects: RingObjects, idStep: UInt64, maxGap: UInt64) {
        let left = objects.isTakenOver ? RingRemains(objects) : nil
        self.objects = objects
        geometry = objects.geometry
        format = objects.geometry.format
        slotCount = objects.geometry.slotCount
        name = objects.shared?.names.ring
        takeover = left?.takeover
        epoch = (left?.takeover.earlierOwners ?? 0) &+ 1
        state = Mutex(
            State(
                queue: SlotQueue(left?.order ?? Array(0..<objects.geometry.slotCount)),
                counter: PublicationCounter(idStep: idStep, maxGap: maxGap, after: left?.newest),
                watch: LeaseWatch(slotCount: objects.geometry.slotCount),
                isFresh: left == nil && objects.geometry.layout == .native))
        if let newest = left?.newest { objects.header.words.store64(RingHeader.Offset.published, newest.publication) }
        objects.header.words.store64(RingHeader.Offset.refused, 0)
        objects.open(epoch: epoch)
    }

    deinit { end() }

    /// Takes the names of the ring away and tells its readers that no more images come.
    ///
    /// Images that are held stay as they are.
    public func end() {
        if !state.withLock({ $0.isLeft }) { objects.end() }
    }

    /// Gives the ring up before its first image: what an earlier owner has left stays for the next one, and can be read.
    ///
    /// For a start that has failed. A ring that this process has made ends.
    public func leave() {
        guard takeover != nil else { return end() }
        state.withLock { $0.isLeft = true }
    }

    func descriptor(_ slot: Int) -> RingDescriptor { RingDescriptor(objects.header.words, geometry, slot: slot) }

    // MARK: Filling

    /// Why ``claim(for:)`` finds no slot.
    public var refusal: ImageDropReason { geometry.layout == .native ? .noFreeSlot : .slotLeased }

    /// Takes a slot to fill with an image: the one that has been free for the longest time, or in the std-daq layout the one
    /// that the id asks for; `nil` when none is free, which counts as a refused image unless the caller asks again.
    public func claim(for id: UInt64, asksAgain: Bool) -> Int? {
        state.withLock { state in
            lookAround(&state, urgent: false)
            var slot = claim(for: id, &state)
            if slot == nil, lookAround(&state, urgent: true) { slot = claim(for: id, &state) }
            guard let slot else {
                if asksAgain { return nil }
                state.refused &+= 1
                objects.header.words.store64(RingHeader.Offset.refused, state.refused)
                return nil
            }
            state.isFresh = false
            return slot
        }
    }

    private func claim(for id: UInt64, _ state: inout State) -> Int? {
        guard state.damage == nil else { return nil }
        var watch = state.watch
        defer { state.watch = watch }
        guard geometry.layout == .stdDAQ else { return state.queue.claim { take($0, &watch) } }
        return state.queue.claim(Int(id % UInt64(slotCount))) { take($0, &watch) }
    }

    /// Makes a slot the owner's unless another process asks for it.
    private func take(_ slot: Int, _ watch: inout LeaseWatch) -> Bool {
        guard mayTake(slot, &watch) else { return false }
        let descriptor = descriptor(slot)
        let generation = descriptor.beginFilling()
        // A reader that asked between the two finds the old generation, or is found here: one of both sees the other.
        guard mayTake(slot, &watch) else {
            descriptor.restore(generation)
            return false
        }
        watch.forget(slot)
        return true
    }

    private func mayTake(_ slot: Int, _ watch: inout LeaseWatch) -> Bool {
        var holders = objects.leases.holders(of: slot)
        if holders == 0 { return true }
        var hasLossless = false
        while holders != 0, !hasLossless {
            hasLossless = objects.leases.kind(of: holders.trailingZeroBitCount) == .lossless
            holders &= holders &- 1
        }
        return watch.mayTake(slot, at: Clock.monotonic(), hasLossless: hasLossless)
    }

    /// Frees what dead readers held, and notices what other programs have done to the objects, from time to time.
    ///
    /// - Returns: whether it has looked.
    @discardableResult private func lookAround(_ state: inout State, urgent: Bool) -> Bool {
        guard let shared = objects.shared else { return false }
        guard urgent || geometry.layout == .stdDAQ || objects.leases.registered != 0,
            state.watch.isTimeToSearch(at: Clock.monotonic(), urgent: urgent)
        else { return false }
        objects.leases.reap(shared.leases)
        state.damage = state.damage ?? shared.damage(geometry)
        return true
    }

    /// What another program has done to the memory; images are refused from then on.
    ///
    /// Looked for by this property, and five times a second while images come: always in the std-daq layout, whose pixels others
    /// may change, and in the native one as long as readers hold images.
    public var damage: RingDamage? {
        state.withLock { state in
            state.damage = state.damage ?? objects.shared?.damage(geometry)
            return state.damage
        }
    }

    /// The bytes of a slot.
    public func bytes(of slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: objects.pixels.bytes[geometry.slotRange(slot)])
    }

    /// Gives a claimed slot back without an image.
    public func abandon(_ slot: Int) {
        state.withLock { state in
            // Before it is free: a slot in the queue may be claimed at once.
            precondition(state.queue.states[slot] == .filling, "slot \(slot) was not claimed")
            descriptor(slot).empty()
            state.queue.giveBack(slot, isQueued: geometry.layout == .native)
        }
    }

    // MARK: Publishing

    /// Publishes a filled slot; it is free again when the last copy of the image is gone.
    ///
    /// The image's segment is counted on from that of an earlier owner.
    public func publish(_ slot: Int, _ metadata: ImageMetadata) -> Image {
        var metadata = metadata
        let descriptor = descriptor(slot)
        let generation = state.withLock { state in
            state.queue.hold(slot)
            let entry = state.counter.publish(segment: metadata.segment, id: metadata.id)
            metadata.segment = entry.segment
            objects.header.last = ImageIdentity(segment: entry.segment, id: metadata.id)
            descriptor.describe(metadata, entry, epoch: epoch, publishedAt: Clock.utc())
            let maps = RingMaps(objects.header.words, geometry, idStep: objects.header.idStep)
            maps.insert(slot, publication: entry.publication, id: metadata.id)
            let generation = descriptor.commit()
            announce(entry.publication, &state)
            return generation
        }
        return Image(metadata: metadata, format: format, lease: lease(slot, descriptor, generation: generation))
    }

    /// A hold on a slot that was counted.
    func lease(_ slot: Int, _ descriptor: RingDescriptor, generation: UInt64) -> ImageLease {
        ImageLease(
            bytes: UnsafeRawBufferPointer(bytes(of: slot)),
            place: name.map { ImagePlace(ring: $0, slot: slot, generation: generation) },
            amend: { descriptor.annotate($0) }, release: { [self] in release(slot) })
    }

    /// Tells readers of the newest image and wakes the first of those who sleep; it wakes the others.
    private func announce(_ publication: UInt64, _ state: inout State) {
        let words = objects.header.words
        words.store64(RingHeader.Offset.published, publication)
        words.store32(RingHeader.Offset.event, UInt32(truncatingIfNeeded: publication))
        guard objects.shared != nil else { return }
        // Either the bell is seen here, or the sleeper sees the new number.
        cdaq_fence_all()
        guard objects.leases.isBellRung else { return }
        // Waking costs as much as copying 100 KiB. Where images come fast, readers look by themselves.
        let now = Clock.monotonic()
        guard now &- state.lastWake >= Self.wakeInterval else { return }
        state.lastWake = now
        objects.leases.answerBell()
        words.wake32(RingHeader.Offset.event, count: 1)
    }

    private func release(_ slot: Int) {
        state.withLock { $0.queue.giveBack(slot, isQueued: geometry.layout == .native) }
    }

    /// Makes slots ready for images whose gaps nothing writes later, unless they are.
    ///
    /// - Throws: ``RingError/held(images:)`` when images of another layout are still held.
    public func prepareSlots(
        for layout: UInt64, isZero: Bool, _ prepare: (UnsafeMutableRawBufferPointer) -> Void
    ) throws {
        let words = objects.header.words
        try state.withLock { state in
            guard words.load64(RingHeader.Offset.preparedFor) != layout else { return }
            if !(state.isFresh && isZero) {
                if let shared = objects.shared { objects.leases.reap(shared.leases) }
                let held = (0..<slotCount).filter { slot in
                    [.filling, .held].contains(state.queue.states[slot]) || objects.leases.holders(of: slot) != 0
                }
                guard held.isEmpty else { throw RingError.held(images: held.count) }
                // Until all are ready they are ready for none.
                words.store64(RingHeader.Offset.preparedFor, 0)
                for slot in 0..<slotCount {
                    let descriptor = descriptor(slot)
                    let generation = descriptor.beginFilling()
                    // A reader may have asked since; as in `take`, one of both sees the other.
                    guard objects.leases.holders(of: slot) == 0 else {
                        descriptor.restore(generation)
                        throw RingError.held(images: 1)
                    }
                    prepare(bytes(of: slot))
                    descriptor.empty()
                }
            }
            words.store64(RingHeader.Offset.preparedFor, layout)
        }
    }

    /// Number of slots that nobody in this process fills or holds.
    public var freeCount: Int { state.withLock { $0.queue.freeCount } }
}
