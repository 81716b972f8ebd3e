/// A published image: its metadata, and a hold on its pixels, which stay as they are while any copy of this value exists.
///
/// Only the pixels of an image that a watcher has taken from the ring of another process may change:
/// ``ImageLease/mayChange``.
public struct Image: Sendable {
    /// What is known about the image.
    ///
    /// Stages add to it; the pixels never change.
    public var metadata: ImageMetadata
    /// Shape and pixel type.
    public let format: ImageFormat
    /// Keeps the slot from being reused.
    public let lease: ImageLease

    /// An image whose pixels `lease` keeps.
    public init(metadata: ImageMetadata, format: ImageFormat, lease: ImageLease) {
        precondition(lease.bytes.count >= format.bytes, "a lease of \(lease.bytes.count) bytes cannot hold \(format.bytes)")
        self.metadata = metadata
        self.format = format
        self.lease = lease
    }

    /// Lends the pixels as bytes, row by row, for the time of `body`.
    public func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        // The pixels are the lease's as long as it exists, and not longer.
        defer { withExtendedLifetime(lease) {} }
        return try body(UnsafeRawBufferPointer(rebasing: lease.bytes[..<format.bytes]).bytes)
    }

    /// Lends the pixels as numbers, row by row, for the time of `body`.
    ///
    /// - Precondition: `Pixel` is the Swift type of the same name as `format.pixelType`.
    public func withPixels<Pixel: BitwiseCopyable, Result, Failure: Error>(
        as pixel: Pixel.Type, _ body: (Span<Pixel>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(format.pixelType.matches(pixel), "these pixels are \(format.pixelType), not \(pixel)")
        defer { withExtendedLifetime(lease) {} }
        let pixels = UnsafeRawBufferPointer(rebasing: lease.bytes[..<format.bytes]).bindMemory(to: pixel)
        return try body(pixels.span)
    }
}

extension PixelType {
    /// Whether `type` is the Swift type of these pixels.
    func matches(_ type: Any.Type) -> Bool {
        switch self {
        case .uint8: type == UInt8.self
        case .uint16: type == UInt16.self
        case .uint32: type == UInt32.self
        case .int16: type == Int16.self
        case .int32: type == Int32.self
        case .float32: type == Float.self
        }
    }
}

// Sendable: the bytes are only read while a lease exists (`ImageBuffer` promises it), and all properties are constants.
/// A hold on the pixels of one slot; giving up the last reference frees the slot.
public final class ImageLease: @unchecked Sendable {
    /// The pixels.
    package let bytes: UnsafeRawBufferPointer
    /// Where other processes find the pixels; `nil` when they cannot.
    public let place: ImagePlace?
    private let amend: (@Sendable (ImageMetadata) -> Void)?
    private let check: (@Sendable () -> Bool)?
    private let release: @Sendable () -> Void

    /// A hold on `bytes`.
    ///
    /// - Parameters:
    ///   - place: where other processes find the pixels.
    ///   - amend: is told what stages have added to the metadata of the image.
    ///   - isIntact: whether the pixels still are those of the image; `nil` when nobody else can change them.
    ///   - release: runs when the last reference is gone, on whatever thread that happens.
    public init(
        bytes: UnsafeRawBufferPointer, place: ImagePlace? = nil, amend: (@Sendable (ImageMetadata) -> Void)? = nil,
        isIntact: (@Sendable () -> Bool)? = nil, release: @escaping @Sendable () -> Void
    ) {
        self.bytes = bytes
        self.place = place
        self.amend = amend
        check = isIntact
        self.release = release
    }

    deinit { release() }

    /// Whether the slot may be used again although this hold exists: a watcher's, in the ring of another process.
    ///
    /// What is made of the pixels is then worth something only if ``isIntact`` is true afterwards.
    public var mayChange: Bool { check != nil }

    /// Whether the pixels still are those of the image.
    public var isIntact: Bool { check?() ?? true }

    /// Tells whoever else looks at these pixels what stages have added.
    package func publish(_ metadata: ImageMetadata) { amend?(metadata) }
}

/// Where an image lies in a ring that other processes can read.
public struct ImagePlace: Sendable, Hashable {
    /// Name of the ring.
    public var ring: String
    /// Number of the slot.
    public var slot: Int
    /// Generation of the slot: with another one it holds another image.
    public var generation: UInt64

    /// A place in a ring.
    public init(ring: String, slot: Int, generation: UInt64) {
        self.ring = ring
        self.slot = slot
        self.generation = generation
    }
}
