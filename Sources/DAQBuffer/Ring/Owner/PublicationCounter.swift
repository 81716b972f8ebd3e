import DAQCore

/// Numbers the published images of a ring and says which ids were left out between them, over changes of the owner.
struct PublicationCounter: Sendable, Equatable {
    /// The number of the newest image; 0 before the first.
    private(set) var published: UInt64 = 0
    /// Added to the segments of this owner's images: (segment, id) stays unique when an owner follows another.
    private(set) var firstSegment: UInt32 = 0
    private var last: ImageIdentity?
    private let idStep: UInt64
    /// How far an id may lie behind the last one of an earlier owner and still belong to the same count.
    private let maxGap: UInt64

    /// What an image gets.
    struct Entry: Equatable {
        var publication: UInt64
        var segment: UInt32
        /// Ids between the image published before and this one that were not published.
        var idsSkipped: UInt64
    }

    /// A counter that continues after an earlier owner's newest image, if there was one.
    init(idStep: UInt64, maxGap: UInt64, after newest: (publication: UInt64, key: ImageIdentity)? = nil) {
        self.idStep = max(1, idStep)
        self.maxGap = maxGap
        guard let newest else { return }
        published = newest.publication
        last = newest.key
        firstSegment = newest.key.segment &+ 1
    }

    /// Numbers an image.
    mutating func publish(segment: UInt32, id: UInt64) -> Entry {
        published &+= 1
        let key = ImageIdentity(segment: segment &+ firstSegment, id: id)
        var skipped: UInt64 = 0
        if let last, id > last.id {
            let isFirstOfOwner = last.segment < firstSegment
            if last.segment == key.segment || (isFirstOfOwner && (id - last.id) / idStep <= maxGap) {
                skipped = max(1, (id - last.id) / idStep) - 1
            }
        }
        last = key
        return Entry(publication: published, segment: key.segment, idsSkipped: skipped)
    }
}
