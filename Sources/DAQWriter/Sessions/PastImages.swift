import DAQCore

/// The part of a session that lies in the past: images that are still in the ring.
struct PastImages: Equatable {
    /// The images, in the order in which they came.
    var keys: [ImageKey] = []
    /// The newest image before them, or before the next one when there are none.
    var seen: ImageKey?
    /// The id the session begins with; `nil` for any.
    var firstID: UInt64?

    /// Finds them.
    ///
    /// - Parameters:
    ///   - published: what the ring holds, in the order in which it came; `nil` when nobody can tell.
    ///   - last: the newest image that came.
    ///   - limit: images that the session may hold.
    /// - Throws: ``WriteRefusal`` when the ring does not hold what the request needs, or a session cannot hold as much.
    init(
        _ request: WriteRequest, published: [PublishedImage]?, last: ImageKey?, limit: Int
    ) throws(WriteRefusal) {
        seen = last
        let past = Self.unbroken((published ?? []).filter { image in last.map { image.key <= $0 } ?? false })
        switch (request.extent, request.start) {
        case (.ids(let ids), _):
            firstID = ids.lowerBound
            take(past, from: ids.lowerBound, last)
            keys.removeAll { $0.id > ids.upperBound }
        case (_, .id(let id)):
            firstID = id
            take(past, from: id, last)
        case (_, .back(let count)):
            guard past.count >= count else {
                throw WriteRefusal(
                    .history,
                    expected: request.share == nil
                        ? "at most \(past.count) images back, which are still in the ring"
                        : "to begin with the other shares, at most the \(past.count) images back that are still in the ring",
                    found: "\(count)",
                    advice: request.share == nil ? "" : "start all writers of a run together, or give each --from ID")
            }
            keys = past.suffix(count).map(\.key)
            if count > 0 { seen = past.dropLast(count).last?.key }
        case (_, .next):
            break
        }
        if case .images(let count) = request.extent { keys = Array(keys.prefix(Int(clamping: count))) }
        guard keys.count <= limit else {
            throw WriteRefusal(
                .history, expected: "at most \(limit) images of the past, which is what a session may hold",
                found: "\(keys.count)", advice: "begin later, or make the ring larger")
        }
    }

    /// Leaves out what is not newer than an image, here and among those that come.
    mutating func begin(after key: ImageKey?) {
        guard let key else { return }
        keys.removeAll { $0 <= key }
        seen = seen.map { max($0, key) } ?? key
    }

    /// The newest images up to the first one that was overwritten.
    private static func unbroken(_ images: [PublishedImage]) -> ArraySlice<PublishedImage> {
        var first = images.endIndex
        while first > 0, first == images.endIndex || images[first - 1].publication + 1 == images[first].publication { first -= 1 }
        return images[first...]
    }

    /// Takes the images of the newest segment from an id on, if nothing that was wanted is missing before them.
    private mutating func take(_ past: ArraySlice<PublishedImage>, from id: UInt64, _ last: ImageKey?) {
        guard let last else { return }
        let wanted = past.filter { $0.key.segment == last.segment && $0.key.id >= id }.map(\.key)
        guard let first = wanted.first else { return }
        let before = past.last { $0.key < first }?.key
        guard first.id == id || before != nil || past.first?.publication == 1 else { return }
        keys = wanted
        seen = before
    }
}
