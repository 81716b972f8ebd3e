import DAQCore

/// What was sent and not confirmed, and what is to be sent next: the decisions of the sending end.
///
/// Images, gaps and the end are numbered in one sequence. What a broken connection carried is sent again over another.
/// The type has no clock, no socket and no pixels; `Payload` is what stands for an image.
struct SendWindow<Payload: Sendable>: Sendable {
    /// Something to send.
    enum Work: Sendable {
        case part(Payload, sequence: UInt64, index: Int)
        case gap(ForwardGap, sequence: UInt64)
        case end(sequence: UInt64)

        var sequence: UInt64 {
            switch self {
            case .part(_, let sequence, _), .gap(_, let sequence), .end(let sequence): sequence
            }
        }
    }

    private struct Entry: Sendable {
        enum Content: Sendable {
            case image(Payload)
            case gap(ForwardGap)
            case end
        }
        var content: Content
        /// The connection that carries each part; `nil` for those that nobody carries.
        var carriers: [Int?]
        /// Whether any of it was ever sent, so that it must stay as it is.
        var wasSent = false
        /// All parts before this one are being carried.
        var first = 0
    }

    /// Images that may be unconfirmed.
    let capacity: Int
    /// Parts of an image.
    let parts: Int
    /// The first sequence number that is not confirmed.
    private(set) var base: UInt64 = 1
    /// Images that are held.
    private(set) var images = 0
    private var entries: [Entry] = []
    /// Sequence numbers below this one may be sent.
    private var limit: UInt64 = 0
    /// Everything before it is being carried.
    private var cursor: UInt64 = 1
    /// Who receives; behind until it has said that it needs nothing that others have confirmed.
    private var session: (id: UInt64, channel: Int, isBehind: Bool)?

    init(capacity: Int, parts: Int) {
        self.capacity = max(1, capacity)
        self.parts = max(1, parts)
    }

    /// The sequence number of what is appended next.
    var end: UInt64 { base + UInt64(entries.count) }
    /// Whether everything is confirmed.
    var isEmpty: Bool { entries.isEmpty }
    /// Whether an image can be taken.
    var hasRoom: Bool { images < capacity && entries.count < maximumEntries }

    /// Gaps lie between images; only restarts of a detector's counter during a stall could make more of them.
    private var maximumEntries: Int { 4 * capacity + 64 }

    /// Takes an image.
    ///
    /// - Precondition: ``hasRoom``.
    mutating func append(_ payload: Payload) {
        precondition(hasRoom)
        images += 1
        entries.append(Entry(content: .image(payload), carriers: Array(repeating: nil, count: parts)))
    }

    /// Takes note of ids of which nothing is sent.
    mutating func append(_ gap: ForwardGap) {
        if let last = entries.indices.last, case .gap(var before) = entries[last].content, !entries[last].wasSent {
            let isNeighbour =
                before.segment == gap.segment && before.step == gap.step && gap.first > before.last
                && gap.first - before.last == gap.step
            if isNeighbour || entries.count >= maximumEntries {
                // At the limit of memory a loss is still counted, but not named.
                if isNeighbour { before.last = gap.last }
                before.givenUp = min(before.givenUp + gap.givenUp, before.count)
                entries[last].content = .gap(before)
                return
            }
        }
        entries.append(Entry(content: .gap(gap), carriers: [nil]))
    }

    /// Takes note of ids that another host has named as missing.
    ///
    /// - Parameter finder: has seen all ids before; it knows what lies between.
    mutating func append(_ gap: ForwardGap, _ finder: inout GapFinder) {
        if let before = finder.miss(gap) { append(before) }
        append(gap)
    }

    /// Nothing follows.
    mutating func appendEnd() { entries.append(Entry(content: .end, carriers: [nil])) }

    /// What to send next; `nil` when there is nothing, or the receiver has no place for it.
    mutating func next() -> Work? {
        while cursor < end {
            if let index = nextPart(of: Int(cursor - base)) {
                switch entries[Int(cursor - base)].content {
                case .image(let payload):
                    return cursor < limit ? .part(payload, sequence: cursor, index: index) : nil
                case .gap(let gap):
                    return mayPass ? .gap(gap, sequence: cursor) : nil
                case .end:
                    return mayPass ? .end(sequence: cursor) : nil
                }
            }
            cursor += 1
        }
        return nil
    }

    private mutating func nextPart(of entry: Int) -> Int? {
        entries[entry].first =
            entries[entry].carriers[entries[entry].first...].firstIndex(of: nil) ?? entries[entry].carriers.count
        return entries[entry].first < entries[entry].carriers.count ? entries[entry].first : nil
    }

    /// What needs no slot may also be the first after all that is settled.
    private var mayPass: Bool { cursor < limit || (cursor == limit && cursor == base) }

    /// What ``next()`` has said is on its way.
    mutating func markSent(_ work: Work, over channel: Int) {
        let index = if case .part(_, _, let index) = work { index } else { 0 }
        guard work.sequence >= base, work.sequence < end else { return }
        entries[Int(work.sequence - base)].carriers[index] = channel
        entries[Int(work.sequence - base)].wasSent = true
    }

    /// A connection is gone, and what it carried may not have arrived.
    mutating func lose(_ channel: Int) { forget { $0 == channel } }

    private mutating func forget(_ isLost: (Int) -> Bool) {
        for entry in entries.indices {
            entries[entry].first = 0
            for part in entries[entry].carriers.indices {
                if let carrier = entries[entry].carriers[part], isLost(carrier) { entries[entry].carriers[part] = nil }
            }
        }
        cursor = base
    }

    /// The receiver is gone; any other, also one that it had followed, may come.
    mutating func forgetReceiver() {
        session = nil
        limit = 0
    }

    /// Who has said how far it is.
    enum Receiver: Sendable {
        /// One that has got nothing so far: all that is not confirmed has to be sent to it.
        case new
        case current
        /// One that needs what another one has confirmed, which is here no more: it has to be told where to begin.
        case behind
        /// One after which another has come.
        case former
        /// One that says what cannot be.
        case impossible
    }

    /// A receiver says how far it is.
    ///
    /// - Parameter channel: the connection by which it says so; later ones have larger numbers.
    /// - Returns: which one it is; what a former one says, or what is impossible, has changed nothing.
    mutating func confirm(_ state: ForwardState, by channel: Int) -> Receiver {
        guard state.next <= end, state.limit >= state.next else { return .impossible }
        if let session, session.id != state.session {
            // What a former process says late; connections to the new one were made after those to the former.
            guard channel > session.channel else { return .former }
        }
        let isNew = session?.id != state.session
        if isNew {
            session = (state.session, channel, true)
            limit = 0
            forget { _ in true }
        }
        // Later on an old word may overtake newer ones.
        if session?.isBehind == true, state.next < base { return .behind }
        session?.isBehind = false
        limit = max(limit, state.limit)
        let receiver = isNew ? Receiver.new : .current
        guard state.next > base else { return receiver }
        for entry in entries[..<Int(state.next - base)] {
            if case .image = entry.content { images -= 1 }
        }
        entries.removeFirst(Int(state.next - base))
        base = state.next
        cursor = max(cursor, base)
        return receiver
    }
}
