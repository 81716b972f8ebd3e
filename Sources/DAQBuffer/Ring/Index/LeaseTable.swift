import CDAQLinux
import DAQCore

/// Who reads a ring, and which slots they ask the owner to leave alone.
///
/// This is the only memory that readers may write. There are 64 places for readers; a place is taken by locking its byte of
/// the object, so that the kernel gives it back when the reader's process ends in any way. Every slot has a word with one bit
/// a reader. Whoever holds the lock of a place, and nobody else, may clear that place's bits.
///
/// Readers that write nonsense here can keep slots from being reused, or lose the leases of others, whose reads then say
/// "overwritten". They cannot change an image.
struct LeaseTable: Sendable {
    /// "DAQLEASE" in the order of the bytes.
    static let magic: UInt64 = 0x4553_4145_4C51_4144
    static let version: UInt32 = 1
    /// Readers that can hold leases at a time.
    static let readers = 64
    /// Where the words of the slots begin.
    static let wordsOffset = RingIndexSize.leaseWordsOffset

    enum Offset {
        static let magic = 0
        static let version = 8
        static let readers = 12
        static let slotCount = 16
        /// One bit for every place that is in use.
        static let registered = 64
        /// Not 0 when somebody sleeps until the next image.
        static let bell = 128
        /// The places: 64 bytes each, process number (u64) and kind (u32) in the first ones.
        static let places = 4096
    }

    /// How long and how many slots a reader may hold.
    enum Kind: UInt32, Sendable {
        /// Few slots for a short time; the owner takes a slot all the same when it has waited long enough.
        case watcher = 1
        /// As many as it wants for as long as it lives.
        case lossless = 2
    }

    let words: SharedWords
    let slotCount: Int

    /// Writes what never changes.
    func describe() {
        words.store32(Offset.version, Self.version)
        words.store32(Offset.readers, UInt32(Self.readers))
        words.store64(Offset.slotCount, UInt64(slotCount))
        words.store64(Offset.magic, Self.magic)
    }

    /// Whether this is a table of this version for so many slots.
    var isValid: Bool {
        words.load64(Offset.magic) == Self.magic && words.load32(Offset.version) == Self.version
            && words.load64(Offset.slotCount) == UInt64(slotCount)
    }

    /// The byte of the object whose lock means a place.
    static func lockByte(of place: Int) -> Int { Offset.places + place * 64 }

    private func word(of slot: Int) -> Int {
        precondition(slot >= 0 && slot < slotCount, "slot \(slot) of \(slotCount)")
        return Self.wordsOffset + slot * 8
    }

    // MARK: Owner

    /// The places in use.
    var registered: UInt64 { words.loadOrdered64(Offset.registered) }

    /// The readers in use that ask for a slot.
    func holders(of slot: Int) -> UInt64 {
        let registered = registered
        return registered == 0 ? 0 : registered & words.loadOrdered64(word(of: slot))
    }

    /// What the reader in a place is; whatever is not known is lossless, which is the careful choice.
    func kind(of place: Int) -> Kind { Kind(rawValue: words.load32(Self.lockByte(of: place) + 8)) ?? .lossless }

    /// Process number of the reader in a place: for people, never to decide anything.
    func pid(of place: Int) -> UInt64 { words.load64(Self.lockByte(of: place)) }

    /// Clears the leases of the readers that have died.
    ///
    /// - Returns: how many there were.
    @discardableResult func reap(_ object: SharedObject) -> Int {
        var count = 0
        let registered = registered
        for place in 0..<Self.readers where registered & 1 << UInt64(place) != 0 {
            guard (try? object.lock(byte: Self.lockByte(of: place))) == true else { continue }
            clear(place)
            object.unlock(byte: Self.lockByte(of: place))
            count += 1
        }
        return count
    }

    /// Whether somebody sleeps until the next image.
    var isBellRung: Bool { words.load32(Offset.bell) != 0 }

    /// Those who sleep will be woken.
    func answerBell() { words.exchange32(Offset.bell, 0) }

    // MARK: Reader

    /// Takes a place: the first whose byte nobody has locked.
    ///
    /// - Returns: `nil` when all are taken.
    func register(_ object: SharedObject, kind: Kind, pid: UInt64) throws(RingError) -> Int? {
        for place in 0..<Self.readers {
            guard try object.lock(byte: Self.lockByte(of: place)) else { continue }
            // What a reader left that died before the owner noticed.
            clear(place)
            words.store64(Self.lockByte(of: place), pid)
            words.store32(Self.lockByte(of: place) + 8, kind.rawValue)
            words.or64(Offset.registered, 1 << UInt64(place))
            return place
        }
        return nil
    }

    /// Gives a place back.
    func leave(_ object: SharedObject, place: Int) {
        clear(place)
        object.unlock(byte: Self.lockByte(of: place))
    }

    /// Asks the owner to leave a slot alone; worth something when the slot's generation is still the same afterwards.
    func lease(_ slot: Int, place: Int) {
        words.or64(word(of: slot), 1 << UInt64(place))
        cdaq_fence_all()
    }

    /// Lets a slot go.
    func release(_ slot: Int, place: Int) { words.and64(word(of: slot), ~(1 << UInt64(place))) }

    /// Asks to be woken at the next image.
    func ringBell() { words.exchange32(Offset.bell, 1) }

    /// Removes all traces of the reader in a place, whose lock the caller holds.
    private func clear(_ place: Int) {
        let bit: UInt64 = 1 << UInt64(place)
        words.and64(Offset.registered, ~bit)
        for slot in 0..<slotCount where words.load64(word(of: slot)) & bit != 0 { release(slot, place: place) }
    }
}
