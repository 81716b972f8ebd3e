public import DAQCore

extension ImageRingReader: ImageHistory {
    /// Distance of consecutive image ids.
    public var idStep: UInt64 { header.idStep }

    /// The images that have not been overwritten, in the order in which they were published.
    ///
    /// The image ids of an earlier owner that counted anew are in earlier segments.
    public var history: [PublishedImage] {
        all.map { PublishedImage($0.metadata.key, publication: $0.publication) }.sorted { $0.publication < $1.publication }
    }

    /// Takes an image that has not been overwritten; `nil` also when too many processes hold images.
    public func image(_ key: ImageKey) -> Image? {
        entry(id: key.id, segment: key.segment).flatMap { try? lease($0) }
    }
}
