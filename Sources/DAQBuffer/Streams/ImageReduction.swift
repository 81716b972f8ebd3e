package import DAQCore

/// A part of an image, and squares of its pixels made into one.
///
/// A bin is the sum of its pixels, in a type that is wide enough for most of them and saturates below the value of missing pixels:
/// uint32 for unsigned, int32 for signed, float32 for float32 images. Pixels that are missing or masked are left out, and the sum of
/// the others is scaled to the whole bin; when more than half of them are left out, the bin is missing. Pixels in gaps between
/// modules count as the gap value that they have. Columns and rows that do not fill a bin are not part of the output.
package struct ImageReduction: Sendable {
    /// What goes in.
    package let input: ImageFormat
    /// What comes out.
    package let output: ImageFormat
    /// The part of the input that is kept.
    package let region: ImageRegion
    /// Pixels a side that become one.
    package let binning: Int
    /// The bits of pixels that say nothing: missing, or masked.
    let voids: [UInt32]

    /// Whether output and input are the same.
    package var isIdentity: Bool { input == output && region == ImageRegion(all: input) }

    /// A reduction.
    ///
    /// - Throws: ``StreamError`` when the region does not lie in the image, or its pixels cannot be binned.
    package init(
        of run: RunDescription, to region: ImageRegion? = nil, binning: Int = 1
    ) throws(StreamError) {
        let input = run.format
        let region = region ?? ImageRegion(all: input)
        guard region.lies(inWidth: input.width, height: input.height) else {
            throw .region(region, width: input.width, height: input.height)
        }
        guard binning > 0, binning <= min(region.width, region.height, StreamConfiguration.maximumBinning) else {
            throw .binning(binning, width: region.width, height: region.height)
        }
        guard binning == 1 || !run.configuration.hasGainBits else { throw .gainBits }
        self.input = input
        self.region = region
        self.binning = binning
        output = ImageFormat(
            width: region.width / binning, height: region.height / binning,
            pixelType: binning == 1 ? input.pixelType : input.pixelType.binned)
        let configuration = run.configuration
        // A user who marks missing pixels with 0 wants them to count as 0. NaN is recognised anyway.
        voids = [configuration.missingValue, configuration.calibration.maskedValue].compactMap { $0.bits(as: input.pixelType) }
            .filter { $0 != 0 }
    }
}

extension PixelType {
    /// The type of sums of such pixels.
    var binned: PixelType {
        switch self {
        case .uint8, .uint16, .uint32: .uint32
        case .int16, .int32: .int32
        case .float32: .float32
        }
    }
}
