import DAQCore

/// What has arrived and what is still missing: the decisions of the receiving end, in the sequence of one stream.
///
/// It owns a number of claimed slots and promises places for no more images than it has slots, so that the first missing
/// image always finds one. The type has no clock, no socket and no pixels.
struct ReceiveWindow {
    /// What becomes of a part.
    enum Verdict: Equatable {
        /// Its bytes belong into this slot.
        case place(slot: Int)
        /// It needs no place.
        case noted
        /// It has come before.
        case duplicate
        /// It may not come, or contradicts what has come.
        case refused
    }

    /// What is due, in order.
    enum Decision: Equatable {
        case publish(slot: Int, ImageMetadata)
        case missing(ForwardGap)
        case end
    }

    private enum Entry {
        case image(slot: Int, ImageMetadata?, lacking: Set<Int>)
        case gap(ForwardGap)
        case end
    }

    /// Slots it may own.
    let capacity: Int
    /// Parts of an image.
    let parts: Int
    /// The first sequence number that is not settled.
    private(set) var next: UInt64
    /// Sequence numbers below this one are promised a place.
    private(set) var limit: UInt64
    private var free: [Int] = []
    private var filling = 0
    private var entries: [UInt64: Entry] = [:]

    /// The window of a stream that begins, or goes on, at `next`.
    init(capacity: Int, parts: Int, next: UInt64) {
        self.capacity = max(1, capacity)
        self.parts = parts
        self.next = next
        limit = next
    }

    /// Whether it wants another slot.
    var wantsSlot: Bool { free.count + filling < capacity }

    /// Takes a slot that was claimed.
    mutating func give(_ slot: Int) {
        free.append(slot)
        promise()
    }

    /// Takes its slots away after ``abandon()``.
    mutating func takeSlots() -> [Int] {
        defer { free = [] }
        return free
    }

    /// The stream will not go on.
    ///
    /// - Returns: what is complete, in order; everything else is forgotten, and its slots are free again.
    mutating func abandon() -> [Decision] {
        var decisions: [Decision] = []
        for (_, entry) in entries.sorted(by: { $0.key < $1.key }) {
            switch entry {
            case .image(let slot, let metadata?, let lacking) where lacking.isEmpty:
                decisions.append(.publish(slot: slot, metadata))
            case .image(let slot, _, _): free.append(slot)
            case .gap(let gap): decisions.append(.missing(gap))
            case .end: decisions.append(.end)
            }
        }
        filling = 0
        entries = [:]
        return decisions
    }

    private mutating func promise() {
        var open = limit - next - UInt64(entries.count)
        while open < free.count, limit - next < capacity {
            limit += 1
            open += 1
        }
    }

    /// A part has come; one that is to be placed counts as there.
    mutating func take(sequence: UInt64, part: Int, _ metadata: ImageMetadata?) -> Verdict {
        guard part >= 0, part < parts, sequence < limit else { return .refused }
        guard sequence >= next else { return .duplicate }
        switch entries[sequence] {
        case .gap, .end:
            return .refused
        case .image(let slot, let known, var lacking):
            guard lacking.remove(part) != nil else { return .duplicate }
            entries[sequence] = .image(slot: slot, known ?? metadata, lacking: lacking)
            return .place(slot: slot)
        case nil:
            // Promises are kept: below the limit there is a slot.
            guard let slot = free.popLast() else { return .refused }
            filling += 1
            entries[sequence] = .image(slot: slot, metadata, lacking: Set(0..<parts).subtracting([part]))
            return .place(slot: slot)
        }
    }

    /// A gap has come.
    mutating func take(sequence: UInt64, _ gap: ForwardGap) -> Verdict { take(sequence, .gap(gap)) }

    /// The end has come.
    mutating func takeEnd(sequence: UInt64) -> Verdict { take(sequence, .end) }

    /// Takes what needs no slot, so that it may also be the first after all that is settled.
    private mutating func take(_ sequence: UInt64, _ entry: Entry) -> Verdict {
        guard sequence < limit || (sequence == limit && sequence == next) else { return .refused }
        guard sequence >= next else { return .duplicate }
        switch entries[sequence] {
        case .image: return .refused
        case .gap, .end: return .duplicate
        case nil:
            limit = max(limit, sequence + 1)
            entries[sequence] = entry
            promise()
            return .noted
        }
    }

    /// What is due next; `nil` while it is not complete.
    mutating func nextDecision() -> Decision? {
        let decision: Decision
        switch entries[next] {
        case .image(let slot, let metadata?, let lacking) where lacking.isEmpty:
            filling -= 1
            decision = .publish(slot: slot, metadata)
        case .gap(let gap): decision = .missing(gap)
        case .end: decision = .end
        default: return nil
        }
        entries[next] = nil
        next += 1
        promise()
        return decision
    }
}
