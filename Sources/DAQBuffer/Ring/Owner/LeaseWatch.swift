/// Decides whether the owner may take a slot that readers in other processes may have asked for.
///
/// It knows times and who asks, not memory: a lossless reader keeps its slots, a watcher keeps one for a bounded time after the
/// owner has wanted it, and all watchers together a bounded part of the ring.
struct LeaseWatch {
    /// How long a slot stays with a watcher after the owner has wanted it.
    static let patience: UInt64 = 1_000_000_000
    /// Dead readers are looked for this often while there are readers.
    static let interval: UInt64 = 200_000_000
    /// And this often while no slot is free.
    static let urgentInterval: UInt64 = 10_000_000

    /// Slots that only watchers keep, and since when the owner has wanted each.
    private var wanted: [Int: UInt64] = [:]
    /// Slots that watchers may keep at a time.
    private let limit: Int
    private var lastSearch: UInt64 = 0

    init(slotCount: Int) { limit = max(1, slotCount / 4) }

    /// Whether it is time to look for dead readers.
    mutating func isTimeToSearch(at time: UInt64, urgent: Bool) -> Bool {
        guard time &- lastSearch >= (urgent ? Self.urgentInterval : Self.interval) else { return false }
        lastSearch = time
        return true
    }

    /// Whether a slot may be taken although readers ask for it.
    ///
    /// - Parameter hasLossless: whether one of them is lossless.
    mutating func mayTake(_ slot: Int, at time: UInt64, hasLossless: Bool) -> Bool {
        if hasLossless {
            wanted[slot] = nil
            return false
        }
        let since = wanted[slot] ?? time
        guard time &- since < Self.patience, wanted[slot] != nil || wanted.count < limit else { return true }
        wanted[slot] = since
        return false
    }

    /// A slot was taken, or nobody asks for it any more.
    mutating func forget(_ slot: Int) {
        // An empty dictionary is the usual case, in which nothing is looked up.
        if !wanted.isEmpty { wanted[slot] = nil }
    }
}
