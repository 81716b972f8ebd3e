/// Sees from the ids of images which ones are missing between them.
struct GapFinder {
    /// Distance of consecutive ids.
    var step: UInt64
    /// A larger jump, in ids, is another count, of which nothing is missing.
    var maxGap: UInt64
    private var last: (segment: UInt32, id: UInt64)?

    init(step: UInt64, maxGap: UInt64) {
        self.step = max(1, step)
        self.maxGap = maxGap
    }

    /// Takes note of the next id.
    ///
    /// - Returns: the ids between it and the one before.
    mutating func advance(to id: UInt64, segment: UInt32) -> ForwardGap? {
        defer { last = (segment, id) }
        guard let last, last.segment == segment, id > last.id else { return nil }
        let skipped = (id - last.id - 1) / step
        guard skipped > 0, skipped <= maxGap else { return nil }
        return ForwardGap(segment: segment, first: last.id + step, last: last.id + step * skipped, step: step, givenUp: 0)
    }

    /// Takes note of ids that are known to be missing.
    ///
    /// - Returns: the ids between them and the one before.
    mutating func miss(_ gap: ForwardGap) -> ForwardGap? {
        defer { last = (gap.segment, gap.last) }
        return advance(to: gap.first, segment: gap.segment)
    }
}
