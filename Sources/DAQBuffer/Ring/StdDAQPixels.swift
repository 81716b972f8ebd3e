public import DAQCore

/// The images in the memory of the std-daq services: pixels alone, without descriptions and without any word on whether they change.
///
/// Which id is complete is known from the services' metadata messages only, and nothing tells whether a slot was overwritten
/// while it was read: images from here are not verified. They are copied out by the kernel, so that a process that cuts the
/// object cannot end this one.
///
/// Layout: slot = id mod slots, at slot × image bytes; the object is `<detector>-image`, of a multiple of 2 MiB.
public final class StdDAQPixels: Sendable {
    /// Shape and type of every image.
    public let format: ImageFormat
    /// Number of slots.
    public let slotCount: Int
    private let object: SharedObject
    private let objectBytes: Int

    /// Opens the images of a detector for reading.
    ///
    /// - Parameters:
    ///   - detector: `detector_name` of the services' configuration.
    ///   - slots: how many there are; `nil` for what the size of the object tells, by the rule of the services.
    /// - Throws: ``RingError/noServices(object:)`` when there is no such object, and other ``RingError``s when it cannot be that of
    ///   these images.
    public init(detector: String, format: ImageFormat, slots: Int? = nil) throws(RingError) {
        let names = try RingNames(stdDAQ: detector)
        let found: SharedObject?
        do {
            found = try SharedObject.open(names.pixels, writable: false)
        } catch {
            throw .services(object: names.pixels, reason: "\(error.reason); run as a user who may read it")
        }
        guard let object = found else { throw .noServices(object: names.pixels) }
        let bytes = object.size
        let fitting = slots.map { Self.sizes($0, format).contains(bytes) ? $0 : nil } ?? Self.slots(in: bytes, of: format)
        guard let count = fitting else {
            throw .services(object: names.pixels, reason: Self.misfit(bytes, format, slots))
        }
        self.format = format
        slotCount = count
        self.object = object
        objectBytes = bytes
    }

    /// Whether the object still has the size with which it was opened.
    var isWhole: Bool { object.size == objectBytes }
    /// Whether its name still leads to it, so that a service that is started now uses it too.
    var isLinked: Bool { object.isLinked }

    /// Copies the bytes that belong to an id now; they are not verified.
    ///
    /// - Parameter target: at least the bytes of an image.
    /// - Returns: `false` when the object has been cut since it was opened.
    public func copy(_ id: UInt64, into target: UnsafeMutableRawBufferPointer) -> Bool {
        precondition(target.count >= format.bytes, "\(target.count) bytes cannot hold an image of \(format.bytes)")
        let slot = Int(id % UInt64(slotCount))
        return object.read(UnsafeMutableRawBufferPointer(rebasing: target[..<format.bytes]), at: slot * format.bytes)
    }

    // MARK: Sizes

    /// The bytes that an object with so many slots can have.
    private static func sizes(_ slots: Int, _ format: ImageFormat) -> [Int] {
        let (bytes, overflow) = slots.multipliedReportingOverflow(by: format.bytes)
        guard slots > 0, !overflow, bytes < Int.max / 2 else { return [] }
        return [bytes, rounded(bytes)]
    }

    private static func rounded(_ bytes: Int) -> Int { (bytes + 2_097_151) / 2_097_152 * 2_097_152 }

    /// The number of slots of an object of that size; `nil` when the services make none like that, or when two are possible.
    static func slots(in objectBytes: Int, of format: ImageFormat) -> Int? {
        guard objectBytes < Int.max / 2 else { return nil }
        // `ram_buffer_gb` is a whole number, and the object less than an image smaller than that.
        let gigabyte = 1 << 30
        let budgets = [0, (objectBytes + gigabyte - 1) / gigabyte * gigabyte]
        let counts = Set(budgets.map { MemoryPlan.stdDAQSlots(imageBytes: format.bytes, budgetBytes: $0) })
        let fitting = counts.filter { rounded($0 * format.bytes) == objectBytes }
        return fitting.count == 1 ? fitting.first : nil
    }

    private static func misfit(_ bytes: Int, _ format: ImageFormat, _ slots: Int?) -> String {
        let images = "images of \(format.width) x \(format.height) \(format.pixelType.rawValue)"
        guard let slots else {
            let least = rounded(MemoryPlan.stdDAQSlots(imageBytes: format.bytes, budgetBytes: 0) * format.bytes)
            guard bytes >= least else {
                return
                    "it has \(bytes) bytes, and 1000 \(images), the fewest there can be, need \(least): a program with another "
                    + "configuration has made it; start the services again, all with the same one"
            }
            return
                "it has \(bytes) bytes, which does not tell how many \(images) it holds; if a program with another configuration "
                + "has made it, start the services again; otherwise name the number of slots (--slots, or source.slots): "
                + "ram_buffer_gb x 2^30 / \(format.bytes), and at least 1000"
        }
        return "it has \(bytes) bytes, and \(slots) \(images) need \(sizes(slots, format).last.map(String.init) ?? "more"): "
            + "give the services' number of slots (--slots, or source.slots), or none"
    }
}
