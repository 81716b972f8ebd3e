/// Shape and pixel type of every image of a ring.
public struct ImageFormat: Sendable, Hashable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Type of every pixel.
    public let pixelType: PixelType

    /// The format of images of `width` × `height` pixels.
    public init(width: Int, height: Int, pixelType: PixelType) {
        self.width = width
        self.height = height
        self.pixelType = pixelType
    }

    /// Number of pixels in an image.
    public var pixels: Int { width * height }
    /// Number of bytes of an image.
    public var bytes: Int { pixels * pixelType.bytes }
}
