/// What the description of a ring's images takes in memory, and where its parts lie (docs/ring-layout.md).
package struct RingIndexSize: Sendable, Equatable {
    /// Bytes of the header of the index.
    package static let headerBytes = 4096
    /// Bytes of a descriptor before its table of missing packets.
    package static let fixedBytes = 192
    /// Bytes of a stream's entry in that table: number, count, 512 bits.
    package static let missingEntryBytes = 72
    /// Where the words of the slots begin among the leases.
    package static let leaseWordsOffset = 8192

    /// Number of slots.
    package let slotCount: Int
    /// Streams whose missing packets a descriptor can list.
    package let streamCapacity: Int
    /// Room for the annotations of an image.
    package let annotationBytes: Int
    /// Entries of both maps: a power of two, so that as many consecutive ids or publications as there are slots have one each.
    package let mapEntries: Int

    /// The size of an index.
    package init(slotCount: Int, streamCapacity: Int, annotationBytes: Int) {
        (self.slotCount, self.streamCapacity, self.annotationBytes) = (slotCount, streamCapacity, annotationBytes)
        var entries = 64
        while entries < 2 * slotCount { entries *= 2 }
        mapEntries = entries
    }

    /// Room for the annotations of an image: small images must not drown in their descriptions.
    package static func annotationBytes(slotBytes: Int) -> Int { slotBytes < 1 << 16 ? 512 : 2048 }

    /// Bytes of one descriptor.
    package var descriptorBytes: Int {
        MemoryPlan.aligned(Self.fixedBytes + streamCapacity * Self.missingEntryBytes, to: 64) + annotationBytes
    }

    /// Where the map from publication to slot begins in the index.
    package var orderOffset: Int { Self.headerBytes }
    /// Where the map from id to slot begins in the index.
    package var idMapOffset: Int { orderOffset + mapEntries * 4 }
    /// Where the descriptors begin in the index.
    package var descriptorOffset: Int { MemoryPlan.aligned(idMapOffset + mapEntries * 4, to: MemoryPlan.slotAlignment) }
    /// Bytes of the index.
    package var indexBytes: Int {
        MemoryPlan.aligned(descriptorOffset + slotCount * descriptorBytes, to: MemoryPlan.slotAlignment)
    }
    /// Bytes of the leases.
    package var leaseBytes: Int { MemoryPlan.aligned(Self.leaseWordsOffset + slotCount * 8, to: MemoryPlan.slotAlignment) }
}
