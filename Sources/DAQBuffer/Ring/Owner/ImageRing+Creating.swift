public import DAQCore

extension ImageRing {
    /// Streams whose missing packets an image of a source of your own can list.
    private static let streamsOfOwnSources = 8

    /// A ring of `slots` slots in memory of this process alone.
    ///
    /// - Parameter slotBytes: bytes of a slot, at least those of an image.
    /// - Throws: ``RingError`` when the memory is not to be had.
    public convenience init(format: ImageFormat, slotBytes: Int? = nil, slots: Int) throws {
        let geometry = try Self.geometry(
            format, layout: .native, slotBytes: slotBytes, slots: slots, streams: Self.streamsOfOwnSources)
        try self.init(RingObjects(anonymous: geometry, idStep: 1), idStep: 1, maxGap: 10_000)
    }

    /// A ring of `slots` slots in shared memory, for a source of your own.
    ///
    /// - Parameters:
    ///   - name: how readers find it.
    ///   - slotBytes: bytes of a slot, at least those of an image.
    ///   - idStep: distance of consecutive image ids.
    /// - Throws: ``RingError`` when the memory is not to be had, or another process owns a ring of that name.
    public convenience init(
        creating name: String, format: ImageFormat, slotBytes: Int? = nil, slots: Int, idStep: UInt64 = 1
    ) throws {
        let geometry = try Self.geometry(
            format, layout: .native, slotBytes: slotBytes, slots: slots, streams: Self.streamsOfOwnSources)
        let objects = try RingObjects(RingNames(name), geometry, idStep: idStep, pixelLayout: ImageAssembler.wholeImages)
        self.init(objects, idStep: idStep, maxGap: 10_000)
    }

    /// A ring for a detector in memory of this process alone, as large as its configuration says (`ring.bytes`,
    /// `ram_buffer_gb`).
    ///
    /// - Throws: ``RingError`` when the memory is not to be had, or holds too few images to work.
    public convenience init(for detector: DetectorConfiguration) throws {
        let objects = try RingObjects(anonymous: Self.geometry(for: detector, layout: .native), idStep: detector.imageIDStep)
        self.init(objects, idStep: detector.imageIDStep, maxGap: detector.maxIDGap)
    }

    /// A ring for a detector in shared memory, as large and laid out as its configuration says (`ring.bytes`, `ring.layout`).
    ///
    /// The ring of a process that has died is taken over: its images can still be read until their slots are needed.
    ///
    /// - Parameter name: how readers find it.
    /// - Throws: ``RingError`` when the memory is not to be had, holds too few images to work, or another process owns a ring
    ///   of that name.
    public convenience init(creating name: String, for detector: DetectorConfiguration) throws {
        let layout = detector.ring.layout
        let objects = try RingObjects(
            layout == .native ? RingNames(name) : RingNames(stdDAQ: name), Self.geometry(for: detector, layout: layout),
            idStep: detector.imageIDStep, pixelLayout: ImageAssembler.pixelLayout(for: detector))
        objects.header.describe(detector.type, detector.content)
        self.init(objects, idStep: detector.imageIDStep, maxGap: detector.maxIDGap)
    }

    private static func geometry(
        for detector: DetectorConfiguration, layout: RingConfiguration.Layout
    ) throws -> RingGeometry {
        var detector = detector
        detector.ring.layout = layout
        let slotBytes = try ImageAssembler.slotBytes(for: detector)
        let streams = detector.placedStreams.count
        guard layout == .native else {
            let imageBytes = detector.imageFormat.bytes
            guard slotBytes == imageBytes else {
                throw RingError.stdDAQ(reason: "strip detectors need more room than an image; use ring.layout native")
            }
            return try geometry(
                detector.imageFormat, layout: layout, slotBytes: nil, slots: MemoryPlan(detector).slotCount, streams: streams)
        }
        let plan = MemoryPlan(detector, slotBytes: slotBytes)
        let least = detector.receive.window + MemoryPlan.spareSlots
        guard plan.slotCount >= least else {
            throw RingError.tooSmall(slots: plan.slotCount, least: least, bytes: least * plan.slotBytes)
        }
        return try geometry(
            detector.imageFormat, layout: .native, slotBytes: plan.slotBytes, slots: plan.slotCount, streams: streams)
    }

    private static func geometry(
        _ format: ImageFormat, layout: RingConfiguration.Layout, slotBytes: Int?, slots: Int, streams: Int
    ) throws(RingError) -> RingGeometry {
        let bytes = slotBytes ?? format.bytes
        let geometry = RingGeometry(
            format: format, layout: layout, slotCount: slots, slotBytes: bytes, streamCapacity: streams)
        guard let geometry else { throw .size(slots: slots, slotBytes: bytes, imageBytes: format.bytes) }
        return geometry
    }
}
