public import DAQCore

/// The images in a ring of the std-daq services: pixels alone, without descriptions and without any word on whether they change.
///
/// Which id is complete is known from the services' metadata messages only, and nothing tells whether a slot was overwritten
/// while it was read: images from here are not verified.
///
/// Layout: slot = id mod slots, at slot × image bytes; the object is `<detector>-image`, of a multiple of 2 MiB.
public final class StdDAQPixels: Sendable {
    /// Shape and type of every image.
    public let format: ImageFormat
    /// Number of slots.
    public let slotCount: Int
    private let object: SharedObject
    private let mapping: Mapping

    /// Opens the images of a detector for reading.
    ///
    /// - Parameters:
    ///   - detector: `detector_name` of the services' configuration.
    ///   - budgetBytes: `ram_buffer_gb` of their configuration, in bytes.
    /// - Throws: ``RingError`` when there is no such object, or it is too small for these images.
    public init(detector: String, format: ImageFormat, budgetBytes: Int) throws {
        let names = try RingNames(stdDAQ: detector)
        let slots = MemoryPlan.stdDAQSlots(imageBytes: format.bytes, budgetBytes: budgetBytes)
        guard
            let geometry = RingGeometry(
                format: format, layout: .stdDAQ, slotCount: slots, slotBytes: format.bytes, streamCapacity: 0)
        else { throw RingError.size(slots: slots, slotBytes: format.bytes, imageBytes: format.bytes) }
        guard let object = try SharedObject.open(names.pixels, writable: false) else {
            throw RingError.absent(name: names.pixels, existing: RingNames.existing())
        }
        guard object.size == geometry.pixelBytes else {
            throw RingError.stdDAQ(
                reason: "\(SharedObject.folder)/\(names.pixels) has \(object.size) bytes and this configuration means "
                    + "\(geometry.pixelBytes): the services run with another one")
        }
        self.format = format
        slotCount = slots
        self.object = object
        mapping = try object.map(geometry.pixelBytes, writable: false)
    }

    /// Whether the services still have the object, in its size.
    public var damage: RingDamage? {
        if object.size < mapping.bytes.count {
            return .truncated(object: object.name, bytes: object.size, expected: mapping.bytes.count)
        }
        return object.isLinked ? nil : .unlinked(object: object.name)
    }

    /// Lends the bytes that belong to an id now, for the time of `body`; they are not verified.
    ///
    /// - Returns: `nil` when the object has been cut since it was opened.
    public func withBytes<Result>(of id: UInt64, _ body: (RawSpan) throws -> Result) rethrows -> Result? {
        guard object.size >= mapping.bytes.count else { return nil }
        let first = Int(id % UInt64(slotCount)) * format.bytes
        defer { withExtendedLifetime(mapping) {} }
        return try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[first..<first + format.bytes]).bytes)
    }
}
