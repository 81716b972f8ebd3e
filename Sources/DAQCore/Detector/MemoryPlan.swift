/// The memory a run will use, from the configuration alone; `daqctl check` prints it.
public struct MemoryPlan: Sendable, Equatable, CustomStringConvertible {
    /// Slots a ring needs besides one for every open frame: being filled, being published, and two in the hands of sinks.
    public static let spareSlots = 4
    /// Slots begin on pages, and so does everything else in a ring.
    public static let slotAlignment = 4096
    /// Packet buffers begin on cache lines.
    public static let packetAlignment = 64

    /// Bytes of one image.
    public let imageBytes: Int
    /// Bytes from one slot of the ring to the next.
    public let slotBytes: Int
    /// Number of slots.
    public let slotCount: Int
    /// Bytes of all slots.
    public let ringBytes: Int
    /// Bytes of what is known about the images, and of the leases of those who look at them.
    public let indexBytes: Int
    /// Bytes from one packet buffer to the next.
    public let packetStride: Int
    /// Packet buffers of one receiving thread, each for one datagram, or for what the kernel joins.
    public let packetBufferBytesPerThread: Int
    /// Receiving threads.
    public let threads: Int
    /// The most that packets can take that wait for the decision whether a counter has been restarted.
    public let heldPacketBytes: Int
    /// The most that pedestals, gains and masks can take.
    public let calibrationBytes: Int

    /// Packet buffers of all threads.
    public var packetBufferBytes: Int { threads * packetBufferBytesPerThread }
    /// Everything.
    public var totalBytes: Int { ringBytes + indexBytes + packetBufferBytes + heldPacketBytes + calibrationBytes }

    /// The plan for a valid configuration.
    ///
    /// - Parameters:
    ///   - configuration: a configuration in which ``DetectorConfiguration/validate()`` finds nothing.
    ///   - slotBytes: what an image needs in a slot when that is more than its pixels (``ImageAssembler/slotBytes``).
    public init(_ configuration: DetectorConfiguration, slotBytes: Int? = nil) {
        imageBytes = configuration.imageFormat.bytes
        switch configuration.ring.layout {
        case .native:
            self.slotBytes = Self.aligned(max(slotBytes ?? 0, imageBytes), to: Self.slotAlignment)
            let least = (configuration.receive.window + Self.spareSlots) * self.slotBytes
            let budget = configuration.ring.budgetBytes == 0 ? max(1 << 30, least) : configuration.ring.budgetBytes
            slotCount = budget / self.slotBytes
        case .stdDAQ:
            self.slotBytes = imageBytes
            slotCount = Self.stdDAQSlots(imageBytes: imageBytes, budgetBytes: configuration.ring.budgetBytes)
        }
        ringBytes = Self.pixelBytes(slotBytes: self.slotBytes, slots: slotCount, configuration.ring.layout)
        let index = RingIndexSize(
            slotCount: slotCount, streamCapacity: configuration.placedStreams.count,
            annotationBytes: RingIndexSize.annotationBytes(slotBytes: self.slotBytes))
        indexBytes = index.indexBytes + index.leaseBytes

        let formats = configuration.placedStreams.map(configuration.packetFormat(of:))
        let isJoined = configuration.receive.joinsDatagrams
        packetStride =
            isJoined
            ? PacketPool.joinedBytes : Self.aligned(formats.map(\.maximumDatagramBytes).max() ?? 0, to: Self.packetAlignment)
        threads = max(1, min(configuration.receive.threads, formats.count))
        packetBufferBytesPerThread = (isJoined ? PacketPool.joinedCount : configuration.receive.batch) * packetStride
        let heldBytes = formats.map { CounterJump.capacity(packetsPerFrame: $0.packets.count) * $0.maximumDatagramBytes }
        // One more a thread is for those that come while others are sorted in.
        heldPacketBytes = (formats.count + threads) * (heldBytes.max() ?? 0)

        // Four pedestal and six gain planes of float32, and a mask of 64-bit integers, are the most a module can have.
        let pixels = configuration.moduleCount * 1024 * 512
        calibrationBytes = configuration.requiresCalibration ? pixels * (10 * 4 + 8) : 0
    }

    /// Slots of a ring as the std-daq services compute them: what `ram_buffer_gb` holds, and at least 1000.
    public static func stdDAQSlots(imageBytes: Int, budgetBytes: Int) -> Int { max(budgetBytes / max(1, imageBytes), 1000) }

    /// The smallest ring that can work: an image for every open frame, and ``spareSlots`` more.
    static func leastRingBytes(for configuration: DetectorConfiguration) -> Int {
        let imageBytes = configuration.imageFormat.bytes
        // Only published layouts, those of strip sensors, need more room than an image.
        let slotBytes = configuration.geometry == nil ? nil : try? ImageAssembler.slotBytes(for: configuration)
        return (configuration.receive.window + spareSlots) * aligned(max(slotBytes ?? 0, imageBytes), to: slotAlignment)
    }

    /// Bytes of the pixels of a ring; the std-daq services round up to 2 MiB.
    package static func pixelBytes(slotBytes: Int, slots: Int, _ layout: RingConfiguration.Layout) -> Int {
        aligned(slotBytes * slots, to: layout == .native ? slotAlignment : 2 << 20)
    }

    /// A number of bytes, rounded up.
    package static func aligned(_ bytes: Int, to alignment: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    /// One line an item.
    public var description: String {
        var lines = [
            "images           \(Self.text(ringBytes)): \(slotCount) slots of \(Self.text(slotBytes))",
            "image index      \(Self.text(indexBytes)): descriptions and leases",
            "packet buffers   \(Self.text(packetBufferBytes)): \(threads) \(threads == 1 ? "thread" : "threads"), "
                + "\(packetBufferBytesPerThread / max(1, packetStride)) buffers each",
            "held packets     \(Self.text(heldPacketBytes)) at most",
        ]
        if calibrationBytes > 0 { lines.append("calibration      \(Self.text(calibrationBytes)) at most") }
        lines.append("total            \(Self.text(totalBytes))")
        return lines.joined(separator: "\n")
    }

    private static func text(_ bytes: Int) -> String {
        guard bytes >= 1 << 20 else { return "\((bytes + 1023) >> 10) KiB" }
        // From 10 GiB on nobody counts in MiB.
        let (shift, unit) = bytes >= 10 << 30 ? (30, "GiB") : (20, "MiB")
        let tenths = (bytes * 10 + 1 << (shift - 1)) >> shift
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
