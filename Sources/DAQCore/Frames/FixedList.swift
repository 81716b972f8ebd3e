/// A list with a fixed capacity in memory of its own.
///
/// The packet path keeps its frames in these: an element is changed in place, without the reference counts and the uniqueness
/// tests of `Array`. Every access is checked against the count.
struct FixedList<Element: BitwiseCopyable>: ~Copyable {
    let capacity: Int
    private(set) var count = 0
    private let storage: UnsafeMutablePointer<Element>

    /// An empty list.
    init(capacity: Int) {
        self.capacity = capacity
        storage = .allocate(capacity: max(1, capacity))
    }

    deinit { storage.deallocate() }

    var isEmpty: Bool { count == 0 }
    var indices: Range<Int> { 0..<count }
    var first: Element? { count > 0 ? storage[0] : nil }

    subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(index >= 0 && index < count)
            return UnsafePointer(storage + index)
        }
        @inline(__always) unsafeMutableAddress {
            precondition(index >= 0 && index < count)
            return storage + index
        }
    }

    /// Puts an element before the one at `index`; there must be room.
    mutating func insert(_ element: Element, at index: Int) {
        precondition(count < capacity && index >= 0 && index <= count)
        (storage + index + 1).update(from: storage + index, count: count - index)
        (storage + index).initialize(to: element)
        count += 1
    }

    /// Takes the first element out; there must be one.
    mutating func removeFirst() -> Element {
        precondition(count > 0)
        let element = storage[0]
        count -= 1
        storage.update(from: storage + 1, count: count)
        return element
    }
}
