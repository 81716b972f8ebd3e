public import DAQCore

/// An image in a ring, as it was described when a reader looked; its pixels may be overwritten at any time.
public struct RingEntry: Sendable, Equatable {
    /// Number of the slot.
    public let slot: Int
    /// Generation of the slot: with another one it holds another image.
    public let generation: UInt64
    /// Counts the published images of the ring, from 1.
    public let publication: UInt64
    /// Counts the owners of the ring, from 1.
    public let epoch: UInt64
    /// When the image was published, UTC nanoseconds since 1970.
    public let publishedAt: UInt64
    /// Ids between the image published before and this one that were not published: missing, dropped, or lost with an owner.
    public let idsSkipped: UInt64
    /// Streams that lack packets, when the index had no room to list them all in the metadata.
    public let missingStreams: Int
    /// Packets that did not arrive, also those of streams that are not listed.
    public let missingPackets: Int
    /// Whether annotations did not fit.
    public let annotationsAreTruncated: Bool
    /// What is known about the image.
    ///
    /// Until the stages have seen it its `chainRevision` is 0.
    public let metadata: ImageMetadata

    /// Reads the description of a slot.
    ///
    /// - Returns: `nil` when the slot holds no image, or is overwritten meanwhile.
    init?(_ descriptor: RingDescriptor, slot: Int) {
        typealias Offset = RingDescriptor.Offset
        generation = descriptor.generation
        guard generation & 1 == 0, descriptor.half(Offset.state) == RingDescriptor.State.published.rawValue else { return nil }
        self.slot = slot
        publication = descriptor.word(Offset.publication)
        epoch = descriptor.word(Offset.epoch)
        publishedAt = descriptor.word(Offset.publishedAt)
        idsSkipped = descriptor.word(Offset.idsSkipped)
        missingStreams = Int(descriptor.half(Offset.missingStreams))
        missingPackets = Int(descriptor.half(Offset.missingPackets))
        annotationsAreTruncated = descriptor.half(Offset.notesTruncated) != 0
        metadata = descriptor.metadata()
        guard descriptor.isStill(generation) else { return nil }
    }
}
