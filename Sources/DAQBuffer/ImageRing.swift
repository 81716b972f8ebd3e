public import DAQCore
import Glibc
import Synchronization

/// Memory for the images of one detector: slots that are filled, published, held by whoever looks at them, and reused.
///
/// The ring is full only when every slot is being filled or held. Free slots are used in turn, the one that has been free for
/// the longest time first. All memory is touched by `init`, so that no page is missing when images come.
public final class ImageRing: ImageBuffer {
    /// Shape and type of every image.
    public let format: ImageFormat
    /// Number of slots.
    public let slotCount: Int
    private let memory: SlotMemory
    private let free: Mutex<FreeSlots>

    /// The slots that nobody fills or holds.
    private struct FreeSlots {
        /// Oldest first.
        var queue: [Int]
        var isFree: [Bool]
        /// Whether none was ever taken.
        var isFresh = true
    }

    /// A ring of `slots` slots.
    ///
    /// - Parameter slotBytes: bytes of a slot, at least those of an image.
    /// - Throws: ``RingError`` when the memory is not to be had.
    public init(format: ImageFormat, slotBytes: Int? = nil, slots: Int) throws {
        let bytes = slotBytes ?? format.bytes
        guard bytes >= format.bytes, slots > 0 else {
            throw RingError.size(slots: slots, slotBytes: bytes, imageBytes: format.bytes)
        }
        self.format = format
        slotCount = slots
        memory = try SlotMemory(slots: slots, slotBytes: bytes)
        free = Mutex(FreeSlots(queue: Array(0..<slots), isFree: Array(repeating: true, count: slots)))
    }

    /// A ring for a detector, as large as its configuration says (`ring.bytes`, `ram_buffer_gb`).
    ///
    /// - Throws: ``RingError`` when the memory is not to be had, or holds too few images to work.
    public convenience init(for detector: DetectorConfiguration) throws {
        let plan = MemoryPlan(detector, slotBytes: try ImageAssembler.slotBytes(for: detector))
        let least = detector.receive.window + MemoryPlan.spareSlots
        guard plan.slotCount >= least else {
            throw RingError.tooSmall(slots: plan.slotCount, least: least, bytes: least * plan.slotBytes)
        }
        try self.init(format: detector.imageFormat, slotBytes: plan.slotBytes, slots: plan.slotCount)
    }

    /// Takes the slot that has been free for the longest time; `nil` when none is.
    public func claim() -> Int? {
        free.withLock { free in
            guard !free.queue.isEmpty else { return nil }
            let slot = free.queue.removeFirst()
            free.isFree[slot] = false
            free.isFresh = false
            return slot
        }
    }

    /// The bytes of a slot.
    public func bytes(of slot: Int) -> UnsafeMutableRawBufferPointer { memory[slot] }

    /// Gives a slot back.
    public func abandon(_ slot: Int) {
        precondition(slot >= 0 && slot < slotCount)
        free.withLock { free in
            // Twice in the queue, a slot would be filled with two images at a time.
            precondition(!free.isFree[slot], "slot \(slot) was not claimed")
            free.isFree[slot] = true
            free.queue.append(slot)
        }
    }

    /// Publishes a filled slot; it is free again when the last copy of the image is gone.
    public func publish(_ slot: Int, _ metadata: ImageMetadata) -> Image {
        let lease = ImageLease(bytes: UnsafeRawBufferPointer(memory[slot])) { [self] in abandon(slot) }
        return Image(metadata: metadata, format: format, lease: lease)
    }

    /// Whether no slot was ever claimed, so that all bytes are still 0.
    public var isFresh: Bool { free.withLock { $0.isFresh } }

    /// Number of slots that are neither being filled nor held.
    public var freeCount: Int { free.withLock { $0.queue.count } }
}

/// The pages behind a ring: slots that begin on page boundaries.
// Sendable: the mapping never changes; who may touch which slot is the ring's business (see `ImageBuffer`).
private final class SlotMemory: @unchecked Sendable {
    private static let page = 4096
    private let mapping: UnsafeMutableRawBufferPointer
    private let slots: Int
    private let slotBytes: Int
    private let stride: Int

    init(slots: Int, slotBytes: Int) throws {
        let (size, overflow) = ((slotBytes + Self.page - 1) / Self.page * Self.page).multipliedReportingOverflow(by: slots)
        guard !overflow, let pages = Self.map(size) else {
            throw RingError.memory(bytes: overflow ? Int.max : size, errno: overflow ? ENOMEM : errno)
        }
        self.slots = slots
        self.slotBytes = slotBytes
        stride = size / slots
        mapping = pages
        // Later first touches would cost up to 12 µs a page in the middle of the data.
        for offset in Swift.stride(from: 0, to: size, by: Self.page) {
            pages.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
    }

    deinit { munmap(mapping.baseAddress, mapping.count) }

    subscript(slot: Int) -> UnsafeMutableRawBufferPointer {
        precondition(slot >= 0 && slot < slots, "slot \(slot) of a ring of \(slots)")
        return UnsafeMutableRawBufferPointer(rebasing: mapping[slot * stride..<slot * stride + slotBytes])
    }

    private static func map(_ size: Int) -> UnsafeMutableRawBufferPointer? {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { return nil }
        madvise(address, size, MADV_HUGEPAGE)
        return UnsafeMutableRawBufferPointer(start: address, count: size)
    }
}
