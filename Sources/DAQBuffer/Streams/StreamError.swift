public import DAQCore

/// Why a live stream cannot be what it is asked to be.
public enum StreamError: Error, Equatable, CustomStringConvertible {
    /// The region does not lie in the image.
    case region(ImageRegion, width: Int, height: Int)
    /// The bins are larger than the image or the region, or have no size.
    case binning(Int, width: Int, height: Int)
    /// The pixels are raw words whose upper bits are the gain stage.
    case gainBits
    /// The format cannot do that.
    case unsupported(StreamFormat, reason: String)

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .region(let region, let width, let height):
            "the region \(region) does not lie in an image of \(width) × \(height) pixels; "
                + "write [x_start, y_start, x_end, y_end], counted from 0, both corners included"
        case .binning(let binning, let width, let height):
            "bins of \(binning) × \(binning) pixels do not fit into \(width) × \(height) pixels"
        case .gainBits:
            "raw JUNGFRAU words cannot be binned, since their upper bits are the gain stage; set ring.content to \"corrected\""
        case .unsupported(let format, let reason): "a stream of format \(format.rawValue) \(reason)"
        }
    }
}
