import DAQWriter

/// How the images of a file are called: by their ids, with the segment where there are several, by their place without ids.
///
/// No two images of a file have the same name.
struct ImageNames {
    private let index: ImageIndex
    private let isSegmented: Bool
    /// How often each name would be given.
    private var counts: [String: Int] = [:]

    /// The names of a file's images.
    init(_ index: ImageIndex) {
        self.index = index
        isSegmented = Set(index.columns["segment"] ?? []).count > 1
        for place in (index.columns["frame_id"] ?? []).indices { counts[base(place), default: 0] += 1 }
    }

    /// Whether ids alone do not tell the images apart.
    var needsSegments: Bool { isSegmented }

    /// The name of an image, such as `29513`, `1-29513` in a file with several segments, or its place in one without ids.
    subscript(place: Int) -> String {
        let base = base(place)
        // Of a damaged file, or one that was put together by others.
        return counts[base, default: 0] > 1 ? "\(base)-at-\(place)" : base
    }

    /// Where an image is.
    ///
    /// - Parameters:
    ///   - id: its id, or its place in a file without ids.
    ///   - segment: its segment; `nil` when there is only one.
    /// - Throws: ``CommandFailure`` when there is none, or more than one.
    func place(of id: UInt64, segment: UInt64?, among images: Int, in path: String) throws -> Int {
        guard let ids = index.columns["frame_id"] else {
            guard let place = Int(exactly: id), place < images else {
                throw CommandFailure(reason: "\(path) has \(images) images and no ids; the first is number 0, asked for \(id)")
            }
            return place
        }
        let segments = index.columns["segment"] ?? ids.map { _ in 0 }
        let places = ids.indices.filter { ids[$0] == id && (segment == nil || segments[$0] == segment) }
        let wanted = "image \(id)\(segment.map { " of segment \($0)" } ?? "")"
        guard let first = places.first else { throw CommandFailure(reason: "there is no \(wanted) in \(path)") }
        let found = Set(places.map { segments[$0] }).sorted()
        guard found.count == 1 else {
            throw CommandFailure(
                reason: "\(wanted) is in the segments \(found.map(String.init).joined(separator: ", ")) of \(path); "
                    + "name one with --segment")
        }
        return first
    }

    private func base(_ place: Int) -> String {
        guard let ids = index.columns["frame_id"], place < ids.count else { return String(place) }
        guard isSegmented, let segments = index.columns["segment"], place < segments.count else { return String(ids[place]) }
        return "\(segments[place])-\(ids[place])"
    }
}
