import DAQCore

/// Keeps the images that have enough bright pixels, and notes how many there are.
///
/// Works for raw and for corrected images.
final class HitFinder: ImageStage {
    let name = "hit finder"
    private let threshold: Int
    private let least: Int

    /// A hit is an image with `least` pixels or more that are at least `threshold`, in the units of the image.
    init(threshold: Int, least: Int) {
        self.threshold = threshold
        self.least = least
    }

    func process(_ image: Image) throws -> StageOutcome {
        // The open end leaves missing pixels out: they hold the greatest integer, or NaN, which no range contains.
        let bright =
            switch image.format.pixelType {
            case .uint16: count(image, in: UInt16(clamping: threshold)..<UInt16.max)
            case .float32: count(image, in: Float(threshold)..<Float.infinity)
            default: throw UnknownPixels(type: image.format.pixelType)
            }
        guard bright >= least else { return .drop(reason: "miss") }
        return .keep([Annotation("bright_pixels", .integer(Int64(bright)))])
    }

    private func count<Pixel: Comparable & BitwiseCopyable>(_ image: Image, in bright: Range<Pixel>) -> Int {
        image.withPixels(as: Pixel.self) { pixels in
            var count = 0
            for index in pixels.indices where bright.contains(pixels[index]) { count += 1 }
            return count
        }
    }
}

/// Thrown for an image that a stage cannot judge; such an image is kept, and counted as failed.
struct UnknownPixels: Error, CustomStringConvertible {
    let type: PixelType
    var description: String { "this hit finder knows uint16 and float32, not \(type)" }
}
