/// A fixed number of elements in memory of their own, which may be noncopyable.
///
/// As ``FixedList``, it is for state that is changed for every packet.
struct FixedArray<Element: ~Copyable>: ~Copyable {
    let count: Int
    private let storage: UnsafeMutablePointer<Element>

    /// Makes `count` elements.
    init(count: Int, _ make: (Int) -> Element) {
        self.count = count
        storage = .allocate(capacity: max(1, count))
        for index in 0..<count { (storage + index).initialize(to: make(index)) }
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    var indices: Range<Int> { 0..<count }

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
}
