import DAQCore

/// Everything that is the same for all images of a ring, and with it the size and place of everything in its memory.
///
/// The index tells it to readers; a new owner takes over what is there only when it is equal.
struct RingGeometry: Sendable, Equatable {
    /// The most a layout may ask for, far beyond any detector: sizes from an index are checked against it.
    private static let mostStreams = 4096

    let format: ImageFormat
    let layout: RingConfiguration.Layout
    let slotCount: Int
    /// Bytes from one slot to the next.
    let stride: Int
    /// Bytes of a slot that may be used: the image, and scratch space of some detectors behind it.
    let slotBytes: Int
    /// Sizes and places in the index and the leases.
    let index: RingIndexSize

    /// The geometry of a ring.
    ///
    /// - Returns: `nil` when the numbers make no possible ring.
    init?(
        format: ImageFormat, layout: RingConfiguration.Layout, slotCount: Int, slotBytes: Int, streamCapacity: Int,
        annotationBytes: Int? = nil
    ) {
        let annotations = annotationBytes ?? RingIndexSize.annotationBytes(slotBytes: slotBytes)
        guard format.width > 0, format.height > 0, format.width <= 1 << 24, format.height <= 1 << 24, slotCount > 0,
            slotCount <= 1 << 28, slotBytes >= format.bytes, slotBytes <= 1 << 40,
            (0...Self.mostStreams).contains(streamCapacity),
            (0...1 << 16).contains(annotations), annotations % 64 == 0, layout == .native || slotBytes == format.bytes
        else { return nil }
        let stride = layout == .native ? MemoryPlan.aligned(slotBytes, to: MemoryPlan.slotAlignment) : slotBytes
        guard !stride.multipliedReportingOverflow(by: slotCount).overflow, stride * slotCount < Int.max / 2 else { return nil }
        (self.format, self.layout, self.slotCount) = (format, layout, slotCount)
        (self.stride, self.slotBytes) = (stride, slotBytes)
        index = RingIndexSize(slotCount: slotCount, streamCapacity: streamCapacity, annotationBytes: annotations)
    }

    // MARK: Pixels

    /// Bytes of the object with the pixels.
    var pixelBytes: Int { MemoryPlan.pixelBytes(slotBytes: stride, slots: slotCount, layout) }

    /// Where a slot lies among the pixels.
    func slotRange(_ slot: Int) -> Range<Int> {
        precondition(slot >= 0 && slot < slotCount, "slot \(slot) of a ring of \(slotCount)")
        return slot * stride..<slot * stride + slotBytes
    }

    // MARK: Index

    /// Streams whose missing packets a descriptor can list.
    var streamCapacity: Int { index.streamCapacity }
    /// Room for the annotations of an image.
    var annotationBytes: Int { index.annotationBytes }
    /// Where the annotations begin in a descriptor.
    var annotationOffset: Int { index.descriptorBytes - index.annotationBytes }

    /// Where the descriptor of a slot begins in the index.
    func descriptor(_ slot: Int) -> Int {
        precondition(slot >= 0 && slot < slotCount, "slot \(slot) of a ring of \(slotCount)")
        return index.descriptorOffset + slot * index.descriptorBytes
    }
}
