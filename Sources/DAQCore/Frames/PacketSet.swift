/// A set of packet numbers of one frame, 0 to 511, without memory of its own.
///
/// 512 is the most any supported detector sends a frame (EIGER, 32 bit, over 1 Gbit/s).
public struct PacketSet: Sendable, Equatable, BitwiseCopyable {
    /// Packet numbers are below this.
    public static let capacity = 512

    @usableFromInline var words: InlineArray<8, UInt64>

    /// The empty set.
    @inlinable public init() { words = InlineArray(repeating: 0) }

    /// The numbers of a range, which must lie below ``capacity``.
    @inlinable public init(_ range: Range<Int>) {
        self.init()
        for number in range { insert(number) }
    }

    /// Whether the set holds a number; numbers outside 0..<512 are never held.
    @inlinable public func contains(_ number: Int) -> Bool {
        guard number >= 0, number < Self.capacity else { return false }
        return words[number &>> 6] & (1 &<< UInt64(number & 63)) != 0
    }

    /// Adds a number below ``capacity``.
    ///
    /// - Returns: whether it was not in the set before.
    @inlinable @discardableResult public mutating func insert(_ number: Int) -> Bool {
        let word = number &>> 6
        let bit: UInt64 = 1 &<< UInt64(number & 63)
        let old = words[word]
        words[word] = old | bit
        return old & bit == 0
    }

    /// Takes a number out; numbers outside 0..<512 are never in.
    @inlinable public mutating func remove(_ number: Int) {
        guard number >= 0, number < Self.capacity else { return }
        words[number &>> 6] &= ~(1 &<< UInt64(number & 63))
    }

    /// How many numbers the set holds.
    @inlinable public var count: Int {
        var total = 0
        for index in words.indices { total += words[index].nonzeroBitCount }
        return total
    }

    /// Whether the set holds nothing.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The numbers of this set that `other` does not hold.
    @inlinable public func subtracting(_ other: PacketSet) -> PacketSet {
        var result = self
        for index in words.indices { result.words[index] &= ~other.words[index] }
        return result
    }

    /// The numbers 64 × `word` and the 63 after it, as bits, for memory and files.
    package func bits(_ word: Int) -> UInt64 { words[word] }

    /// Replaces the numbers 64 × `word` and the 63 after it.
    package mutating func setBits(_ word: Int, _ bits: UInt64) { words[word] = bits }

    /// The numbers in ascending order.
    public var numbers: [Int] { (0..<Self.capacity).filter(contains) }

    /// Whether both sets hold the same numbers.
    @inlinable public static func == (left: PacketSet, right: PacketSet) -> Bool {
        for index in left.words.indices where left.words[index] != right.words[index] { return false }
        return true
    }
}
