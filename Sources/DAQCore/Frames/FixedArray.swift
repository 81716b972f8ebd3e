/// A fixed number of elements in one piece of memory of its own, which may be noncopyable.
///
/// The packet path keeps its state in these: an element is changed in place, without the reference counts and the
/// uniqueness tests of `Array`. Every access is checked against the count.
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
        @inline(__always) _read {
            precondition(index >= 0 && index < count)
            yield storage[index]
        }
        @inline(__always) _modify {
            precondition(index >= 0 && index < count)
            yield &storage[index]
        }
    }
}
