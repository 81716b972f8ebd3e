/// Puts packets where they belong in an image, corrected on the way, and makes a finished image of what arrived.
public struct ImageAssembler: Sendable {
    /// Shape and type of the images it makes.
    public let format: ImageFormat
    /// Bytes a slot needs: the image, then scratch space for layouts that cannot be filled packet by packet.
    public let slotBytes: Int

    /// An assembler for a detector.
    ///
    /// - Parameter calibration: needed exactly when the ring's content is corrected.
    public init(_ configuration: DetectorConfiguration, calibration: Calibration? = nil) throws {
        format = ImageFormat(width: configuration.imageWidth, height: configuration.imageHeight, pixelType: .uint16)
        slotBytes = format.bytes
    }

    /// Makes a new slot ready: gap pixels get their value once, since nothing writes them later.
    public func prepare(_ slot: UnsafeMutableRawBufferPointer) {}

    /// Writes the pixels of one packet to their place.
    ///
    /// - Parameters:
    ///   - stream: number of the stream.
    ///   - packet: a packet number that the stream's format has checked.
    ///   - payload: the pixels as they came.
    @inline(__always)
    public func place(
        stream: Int, packet: Int, payload: UnsafeRawBufferPointer, into slot: UnsafeMutableRawBufferPointer
    ) {}

    /// Completes an image: missing pixels, masked pixels, shared charge, and layouts that need all pixels first.
    public func finish(_ slot: UnsafeMutableRawBufferPointer, missing: [MissingPackets]) {}
}
