/// Where a module lies in the image: the pixels of its first and of its last corner, both inside the module.
///
/// As in std-daq configurations, `yEnd < yStart` means that rows are placed bottom-up. `xEnd < xStart` mirrors columns and
/// `rotation` turns the module; both are extensions.
public struct ModulePosition: Sendable, Hashable {
    /// Column of the pixel that is stored first, counted from the left edge of the image.
    public var xStart: Int
    /// Row of the pixel that is stored first, counted from the row that is stored first in the image.
    public var yStart: Int
    /// Column of the pixel that is stored last.
    public var xEnd: Int
    /// Row of the pixel that is stored last.
    public var yEnd: Int
    /// Number of quarter turns (0 to 3; degrees in the document), counter-clockwise when row 0 is drawn on top (as `numpy.rot90`), applied before the flips.
    public var rotation: Int

    /// A module between two corners.
    public init(xStart: Int, yStart: Int, xEnd: Int, yEnd: Int, rotation: Int = 0) {
        self.xStart = xStart
        self.yStart = yStart
        self.xEnd = xEnd
        self.yEnd = yEnd
        self.rotation = rotation
    }

    /// Width of the covered rectangle in image pixels.
    public var width: Int { abs(xEnd - xStart) + 1 }
    /// Height of the covered rectangle in image pixels.
    public var height: Int { abs(yEnd - yStart) + 1 }

    /// Whether two modules share a pixel.
    func overlaps(_ other: ModulePosition) -> Bool { columns.overlaps(other.columns) && rows.overlaps(other.rows) }

    private var columns: ClosedRange<Int> { min(xStart, xEnd)...max(xStart, xEnd) }
    private var rows: ClosedRange<Int> { min(yStart, yEnd)...max(yStart, yEnd) }
}
