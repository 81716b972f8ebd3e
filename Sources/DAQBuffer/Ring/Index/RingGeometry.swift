import DAQCore

/// Everything that is the same for all images of a ring, and with it the size and place of everything in its memory.
///
/// The index tells it to readers; a new owner takes over what is there only when it is equal.
struct RingGeometry: Sendable, Equatable {
    /// Bytes of a stream's entry in a descriptor's table of missing packets: number, count, 512 bits.
    static let missingEntryBytes = 72
    /// The most a layout may ask for, far beyond any detector: sizes from an index are checked against it.
    private static let mostStreams = 4096

    let format: ImageFormat
    let layout: RingConfiguration.Layout
    let slotCount: Int
    /// Bytes from one slot to the next.
    let stride: Int
    /// Bytes of a slot that may be used: the image, and scratch space of some detectors behind it.
    let slotBytes: Int
    /// Streams whose missing packets a descriptor can list.
    let streamCapacity: Int
    /// Room for the annotations of an image.
    let annotationBytes: Int

    /// The geometry of a ring.
    ///
    /// - Returns: `nil` when the numbers make no possible ring.
    init?(
        format: ImageFormat, layout: RingConfiguration.Layout, slotCount: Int, slotBytes: Int, streamCapacity: Int,
        annotationBytes: Int? = nil
    ) {
        // Small images must not drown in their descriptions.
        let annotations = annotationBytes ?? (slotBytes < 1 << 16 ? 512 : 2048)
        guard format.width > 0, format.height > 0, format.width <= 1 << 24, format.height <= 1 << 24, slotCount > 0,
            slotCount <= 1 << 28, slotBytes >= format.bytes, slotBytes <= 1 << 40,
            (0...Self.mostStreams).contains(streamCapacity),
            (0...1 << 16).contains(annotations), annotations % 64 == 0, layout == .native || slotBytes == format.bytes
        else { return nil }
        let stride = layout == .native ? Self.aligned(slotBytes, to: Mapping.page) : slotBytes
        guard !stride.multipliedReportingOverflow(by: slotCount).overflow, stride * slotCount < Int.max / 2 else { return nil }
        (self.format, self.layout, self.slotCount) = (format, layout, slotCount)
        (self.stride, self.slotBytes) = (stride, slotBytes)
        (self.streamCapacity, self.annotationBytes) = (streamCapacity, annotations)
    }

    // MARK: Pixels

    /// Bytes of the object with the pixels; the std-daq services round up to 2 MiB.
    var pixelBytes: Int { Self.aligned(stride * slotCount, to: layout == .native ? Mapping.page : 2 << 20) }

    /// Where a slot lies among the pixels.
    func slotRange(_ slot: Int) -> Range<Int> {
        precondition(slot >= 0 && slot < slotCount, "slot \(slot) of a ring of \(slotCount)")
        return slot * stride..<slot * stride + slotBytes
    }

    // MARK: Index

    /// Bytes of one descriptor.
    var descriptorBytes: Int {
        Self.aligned(RingDescriptor.tableOffset + streamCapacity * Self.missingEntryBytes, to: 64) + annotationBytes
    }

    /// Where the annotations begin in a descriptor.
    var annotationOffset: Int { descriptorBytes - annotationBytes }

    /// Entries of both maps: a power of two, so that as many consecutive ids or publications as there are slots have one each.
    var mapEntries: Int {
        var entries = 64
        while entries < 2 * slotCount { entries *= 2 }
        return entries
    }

    /// Where the map from publication to slot begins in the index.
    var orderOffset: Int { RingHeader.bytes }
    /// Where the map from id to slot begins in the index.
    var idMapOffset: Int { orderOffset + mapEntries * 4 }
    /// Where the descriptors begin in the index.
    var descriptorOffset: Int { Self.aligned(idMapOffset + mapEntries * 4, to: Mapping.page) }
    /// Bytes of the index.
    var indexBytes: Int { Self.aligned(descriptorOffset + slotCount * descriptorBytes, to: Mapping.page) }

    /// Where the descriptor of a slot begins in the index.
    func descriptor(_ slot: Int) -> Int {
        precondition(slot >= 0 && slot < slotCount, "slot \(slot) of a ring of \(slotCount)")
        return descriptorOffset + slot * descriptorBytes
    }

    // MARK: Leases

    /// Bytes of the object with the leases.
    var leaseBytes: Int { Self.aligned(LeaseTable.wordsOffset + slotCount * 8, to: Mapping.page) }

    private static func aligned(_ bytes: Int, to alignment: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
