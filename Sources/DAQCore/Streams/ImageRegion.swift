/// A rectangle of an image; the corners are inclusive, as those of module positions.
public struct ImageRegion: Sendable, Hashable, CustomStringConvertible {
    /// First column.
    public var xStart: Int
    /// First row.
    public var yStart: Int
    /// Last column.
    public var xEnd: Int
    /// Last row.
    public var yEnd: Int

    /// The rectangle between two pixels, both part of it.
    public init(xStart: Int, yStart: Int, xEnd: Int, yEnd: Int) {
        self.xStart = xStart
        self.yStart = yStart
        self.xEnd = xEnd
        self.yEnd = yEnd
    }

    /// All of an image.
    public init(all format: ImageFormat) {
        self.init(xStart: 0, yStart: 0, xEnd: format.width - 1, yEnd: format.height - 1)
    }

    /// Pixels in a row of the rectangle.
    public var width: Int { xEnd - xStart + 1 }
    /// Its rows.
    public var height: Int { yEnd - yStart + 1 }

    /// Whether it has pixels and all of them lie in an image of that size.
    public func lies(inWidth width: Int, height: Int) -> Bool {
        xStart >= 0 && yStart >= 0 && xStart <= xEnd && yStart <= yEnd && xEnd < width && yEnd < height
    }

    /// The corners as they are written in a configuration.
    public var description: String { "[\(xStart), \(yStart), \(xEnd), \(yEnd)]" }
}
