import DAQCore

/// From the number of a publication, and from an id, to the slot where the image may be; the slot's descriptor tells whether it is.
struct RingMaps {
    private let words: SharedWords
    private let geometry: RingGeometry
    private let idStep: UInt64

    init(_ words: SharedWords, _ geometry: RingGeometry, idStep: UInt64) {
        (self.words, self.geometry, self.idStep) = (words, geometry, max(1, idStep))
    }

    private func order(_ publication: UInt64) -> Int {
        geometry.index.orderOffset + Int(publication & UInt64(geometry.index.mapEntries - 1)) * 4
    }

    private func identity(_ id: UInt64) -> Int {
        geometry.index.idMapOffset + Int((id / idStep) & UInt64(geometry.index.mapEntries - 1)) * 4
    }

    /// Says where an image is; an entry holds the slot's number + 1, and 0 for nothing.
    func insert(_ slot: Int, publication: UInt64, id: UInt64) {
        words.store32(order(publication), UInt32(slot + 1))
        words.store32(identity(id), UInt32(slot + 1))
    }

    /// Where the image of a publication may be.
    func slot(ofPublication publication: UInt64) -> Int? { slot(words.load32(order(publication))) }

    /// Where an image with an id may be.
    func slot(ofID id: UInt64) -> Int? { slot(words.load32(identity(id))) }

    private func slot(_ entry: UInt32) -> Int? {
        entry > 0 && entry <= geometry.slotCount ? Int(entry) - 1 : nil
    }
}
