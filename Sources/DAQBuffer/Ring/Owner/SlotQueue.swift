/// The slots of a ring as their owner knows them: which one is filled next.
///
/// A slot is being filled, held by somebody in this process, free, or set aside because another process asks for it. The value
/// decides; whether a slot may be taken from other processes is asked of the caller.
struct SlotQueue {
    enum State: Equatable { case free, setAside, filling, held }

    /// Slots that have been set aside and are looked at again in one claim, while others are free.
    private static let looks = 4

    private(set) var states: [State]
    private var free: SlotCircle
    private var setAside: SlotCircle

    /// - Parameter order: all slots, the one to fill first in front.
    init(_ order: [Int]) {
        states = Array(repeating: .free, count: order.count)
        free = SlotCircle(capacity: order.count)
        setAside = SlotCircle(capacity: order.count)
        for slot in order { free.append(slot) }
    }

    /// Number of slots that nobody of this process fills or holds.
    var freeCount: Int { free.count + setAside.count }

    /// Takes the slot that has been free for the longest time.
    ///
    /// - Parameter take: makes a slot the owner's; false when another process asks for it.
    mutating func claim(_ take: (Int) -> Bool) -> Int? {
        // What others have given back is older than anything in the queue.
        if let slot = tryAside(Self.looks, take) { return begin(slot) }
        while let slot = free.removeFirst() {
            if take(slot) { return begin(slot) }
            states[slot] = .setAside
            setAside.append(slot)
        }
        return tryAside(setAside.count, take).map { begin($0) }
    }

    /// Takes one slot and no other.
    mutating func claim(_ slot: Int, _ take: (Int) -> Bool) -> Int? {
        guard states[slot] == .free, take(slot) else { return nil }
        return begin(slot)
    }

    private mutating func begin(_ slot: Int) -> Int {
        states[slot] = .filling
        return slot
    }

    private mutating func tryAside(_ limit: Int, _ take: (Int) -> Bool) -> Int? {
        for _ in 0..<min(limit, setAside.count) {
            guard let slot = setAside.removeFirst() else { return nil }
            if take(slot) { return slot }
            setAside.append(slot)
        }
        return nil
    }

    /// A slot that was being filled is published and held.
    mutating func hold(_ slot: Int) {
        precondition(states[slot] == .filling, "slot \(slot) was not claimed")
        states[slot] = .held
    }

    /// A slot is free again.
    ///
    /// - Parameter isQueued: false in a ring whose slots follow from the ids.
    mutating func giveBack(_ slot: Int, isQueued: Bool) {
        // Twice in the queue, a slot would be filled with two images at a time.
        precondition(states[slot] == .filling || states[slot] == .held, "slot \(slot) was not claimed")
        states[slot] = .free
        if isQueued { free.append(slot) }
    }
}

/// Slots in the order in which they were appended, without moving them.
struct SlotCircle {
    private var places: [Int]
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) { places = Array(repeating: 0, count: max(1, capacity)) }

    mutating func append(_ slot: Int) {
        precondition(count < places.count, "more slots than there are")
        let place = first + count
        places[place < places.count ? place : place - places.count] = slot
        count += 1
    }

    mutating func removeFirst() -> Int? {
        guard count > 0 else { return nil }
        let slot = places[first]
        first = first + 1 < places.count ? first + 1 : 0
        count -= 1
        return slot
    }
}
