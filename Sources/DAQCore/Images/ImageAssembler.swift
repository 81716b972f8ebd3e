import CDAQKernels

/// Puts packets where they belong in an image, corrected on the way, and makes a finished image of what arrived.
///
/// A value of this type never changes, so that several threads may place packets of different streams into one slot at the same
/// time. Placing allocates nothing and touches each pixel once.
public struct ImageAssembler: Sendable {
    /// Shape and type of the images it makes.
    public let format: ImageFormat
    /// Bytes a slot needs: the image, then scratch space for layouts that cannot be filled packet by packet.
    public let slotBytes: Int

    /// What is done with the pixels of a packet.
    enum Operation {
        case copy8, copy16, copy32
        case float32, int32
    }

    let table: PixelRunTable
    let operation: Operation
    private let invalidGainMask: UInt32
    private let tablesAreLarge: Bool
    let gapBits: UInt32
    let missingBits: UInt32
    let maskedBits: UInt32
    /// Positions in the slot of pixels that are always masked.
    let maskedPositions: [Int]
    /// Says which pixels of a slot the packets write and what the others are: equal for slots that can be exchanged; never 0.
    let pixelLayout: UInt64
    let sharing: DoublePixelSharing?
    let strips: StripRemap?

    /// An assembler for a detector.
    ///
    /// - Parameter calibration: needed when the ring's content is corrected; raw images are as the detector sends them, whatever it
    ///   says.
    /// - Throws: ``GeometryError`` or ``CalibrationError`` when the parts do not fit together.
    public init(_ configuration: DetectorConfiguration, calibration: Calibration? = nil) throws {
        let geometry = try Geometry(configuration)
        let settings = configuration.calibration
        let corrected = configuration.content == .corrected
        let pixelType = configuration.imagePixelType
        var correction: CorrectionTables?
        if corrected {
            guard configuration.type.isJungfrau else { throw CalibrationError.uncorrectable(configuration.type) }
            guard let calibration else { throw CalibrationError.absent }
            operation = settings.factor == nil ? .float32 : .int32
            correction = try CorrectionTables(
                calibration, settings, modules: configuration.moduleCount, shape: geometry.shape)
        } else {
            operation = pixelType.bytes == 1 ? .copy8 : pixelType.bytes == 2 ? .copy16 : .copy32
        }
        format = ImageFormat(width: geometry.width, height: geometry.height, pixelType: pixelType)
        slotBytes = geometry.slotPixels * pixelType.bytes
        gapBits = try Self.bits(configuration.gapValue, "gap_value", pixelType)
        missingBits = try Self.bits(configuration.missingValue, "missing_value", pixelType)
        maskedBits = corrected ? try Self.bits(settings.maskedValue, "calibration.masked_value", pixelType) : missingBits
        tablesAreLarge = (correction?.bytes ?? 0) > CorrectionTables.largestCached
        invalidGainMask = settings.invalidGain == .mask ? .max : 0
        table = PixelRunTable(configuration, geometry, correction)
        strips = geometry.strips
        pixelLayout = table.layout(configuration, of: format, gapBits: gapBits, slotBytes: slotBytes)
        if corrected, let calibration {
            maskedPositions =
                try PixelMask(configuration, geometry, mask: calibration.mask, unusable: correction?.unusable).badPositions
        } else {
            maskedPositions = []
        }
        if configuration.sharesGaps {
            guard settings.factor == nil else {
                throw GeometryError.option("calibration.double_pixels interpolate needs keV images; remove calibration.factor")
            }
            sharing = try DoublePixelSharing(
                geometry, missing: Float(bitPattern: missingBits), masked: Float(bitPattern: maskedBits))
        } else {
            sharing = nil
        }
    }

    /// Bytes a slot needs for images of a detector.
    ///
    /// - Throws: ``GeometryError`` when the configuration describes no possible image.
    public static func slotBytes(for configuration: DetectorConfiguration) throws -> Int {
        // Whole images need no assembling.
        guard !configuration.type.sendsImages else { return configuration.imageFormat.bytes }
        return try Geometry(configuration).slotPixels * configuration.imagePixelType.bytes
    }

    /// The pixel layout of images that are put into a slot whole, gaps and all, wherever these may be.
    ///
    /// Whoever fills slots with such images prepares them for this layout, so that the next one who relies on gaps prepares them
    /// again.
    public static let wholeImages = UInt64.max

    /// What ``pixelLayout`` will be for a detector, so that a ring can tell whether images that are there fit.
    ///
    /// - Throws: ``GeometryError`` or ``CalibrationError`` when the configuration describes no possible image.
    public static func pixelLayout(for configuration: DetectorConfiguration) throws -> UInt64 {
        guard !configuration.type.sendsImages, configuration.forwardSource == nil else { return wholeImages }
        let geometry = try Geometry(configuration)
        let pixelType = configuration.imagePixelType
        return PixelRunTable(configuration, geometry, nil).layout(
            configuration, of: ImageFormat(width: geometry.width, height: geometry.height, pixelType: pixelType),
            gapBits: try bits(configuration.gapValue, "gap_value", pixelType),
            slotBytes: geometry.slotPixels * pixelType.bytes)
    }

    private static func bits(_ value: PixelValue, _ key: String, _ type: PixelType) throws(CalibrationError) -> UInt32 {
        guard let bits = value.bits(as: type) else { throw .value(key: key, type) }
        return bits
    }

    /// Writes the pixels of one packet to their place.
    ///
    /// A store fence comes before another thread is told of them.
    ///
    /// - Parameters:
    ///   - stream: number of the stream.
    ///   - packet: a packet number that the stream's format has checked.
    ///   - payload: the pixels as they came.
    ///   - slot: at least ``slotBytes``.
    @inline(__always)
    public func place(
        stream: Int, packet: Int, payload: UnsafeRawBufferPointer, into slot: UnsafeMutableRawBufferPointer
    ) {
        let way = table.streams[stream]
        let index = packet &- way.firstPacket
        // The table was made so that all runs of a packet end inside its payload and inside a slot. These tests make them safe.
        precondition(index >= 0 && index < way.packetCount, "packet \(packet) of stream \(stream) has no place")
        precondition(payload.count >= way.payloadBytes && slot.count >= slotBytes, "a payload or slot is too small")
        guard let source = payload.baseAddress, let image = slot.baseAddress else { return }
        let runs = table.runs(of: way, at: index)
        switch operation {
        case .copy8: PixelCopy.copy(runs, step: way.step, of: UInt8.self, from: source, to: image)
        case .copy16: PixelCopy.copy(runs, step: way.step, of: UInt16.self, from: source, to: image)
        case .copy32: PixelCopy.copy(runs, step: way.step, of: UInt32.self, from: source, to: image)
        case .float32:
            correct(runs, packet, way) { cdaq_correct_float32($0, source + $1, $2, image + $3, way.step) }
        case .int32:
            correct(runs, packet, way) { cdaq_correct_int32($0, source + $1, $2, image + $3, way.step) }
        }
    }

    /// Calls a kernel for every run, with the offsets in bytes.
    @inline(__always)
    private func correct(
        _ runs: UnsafeBufferPointer<PixelRun>, _ packet: Int, _ way: StreamPlacement,
        _ kernel: (_ correction: cdaq_correction, _ source: Int, _ count: Int, _ destination: Int) -> Void
    ) {
        guard let corrections = way.corrections else { return }
        let first = corrections + packet &* way.pixelsPerPacket
        for run in runs {
            kernel(
                cdaq_correction(
                    tables: first + Int(run.source), stride: way.planeStride, invalid_mask: invalidGainMask,
                    invalid_bits: maskedBits, is_large: tablesAreLarge),
                2 &* Int(run.source), Int(run.count), 4 &* run.destination)
        }
    }
}
