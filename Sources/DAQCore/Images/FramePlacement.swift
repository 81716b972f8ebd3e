/// Where every pixel of one module belongs in the image.
///
/// Positions are single numbers (row × image width + column). A module lies on a regular grid whatever its rotation and flips, so
/// that an origin and two steps say it all; the gap pixels between its chips are counted in.
struct FramePlacement: Sendable, Equatable {
    /// Pixels of the module.
    let shape: ModuleShape
    /// The rows that are read, counted in the module.
    let rows: Range<Int>
    /// Gap pixels between neighbouring chips.
    let gap: Int
    /// Image position of the pixel in column 0 and row 0, which is a fiction when that row is not read.
    let origin: Int
    /// From a column to the next one inside a chip.
    let columnStep: Int
    /// From a row to the next one inside a chip.
    let rowStep: Int

    /// The column or row with the gap pixels before it counted in.
    func spread(_ index: Int) -> Int {
        guard let chip = shape.chip else { return index }
        return index + gap * (index / chip)
    }

    /// Image position of a module pixel.
    func destination(column: Int, row: Int) -> Int {
        origin + spread(column) * columnStep + spread(row) * rowStep
    }

    /// The placement of a stack: the module's rows one after the other from `origin` on, without gaps.
    init(stacked shape: ModuleShape, rows: Range<Int>, origin: Int) {
        self.shape = shape
        self.rows = rows
        self.origin = origin
        gap = 0
        columnStep = 1
        rowStep = shape.columns
    }

    /// The placement that a position asks for.
    init(
        module: Int, shape: ModuleShape, rows: Range<Int>, position: ModulePosition, imageWidth: Int, imageHeight: Int
    ) throws(GeometryError) {
        let turned = !position.rotation.isMultiple(of: 2)
        let width = turned ? position.height : position.width
        let height = turned ? position.width : position.height
        let allowed = Self.sizes(of: shape, rows: rows)
        guard let size = allowed.first(where: { $0.width == width && $0.height == height }) else {
            throw .moduleSize(
                module: module, found: (position.width, position.height), allowed: allowed.map { "\($0.width) × \($0.height)" })
        }
        guard
            [position.xStart, position.xEnd].allSatisfy((0..<imageWidth).contains),
            [position.yStart, position.yEnd].allSatisfy((0..<imageHeight).contains)
        else { throw .outside(module: module, position, width: imageWidth, height: imageHeight) }

        self.shape = shape
        self.rows = rows
        gap = size.gap
        // Position of a pixel of the module array, gaps counted in; affine, so three pixels tell origin and steps.
        func place(_ x: Int, _ y: Int) -> Int {
            let (row, column) =
                switch (position.rotation % 4 + 4) % 4 {
                case 1: (width - 1 - x, y)
                case 2: (height - 1 - y, width - 1 - x)
                case 3: (x, height - 1 - y)
                default: (y, x)
                }
            let imageColumn = position.xEnd < position.xStart ? position.xStart - column : position.xStart + column
            let imageRow = position.yEnd < position.yStart ? position.yStart - row : position.yStart + row
            return imageRow * imageWidth + imageColumn
        }
        columnStep = place(1, 0) - place(0, 0)
        rowStep = place(0, 1) - place(0, 0)
        origin = place(0, 0) - size.firstRow * rowStep
    }

    /// The sizes a position may have: with or without gap pixels, the whole module or the rows that are read.
    static func sizes(of shape: ModuleShape, rows: Range<Int>) -> [(width: Int, height: Int, gap: Int, firstRow: Int)] {
        (shape.chip == nil ? [0] : [0, 2]).flatMap { gap in
            let chip = shape.chip ?? max(shape.columns, shape.rows)
            func spread(_ index: Int) -> Int { index + gap * (index / chip) }
            let width = spread(shape.columns - 1) + 1
            let whole = (width, spread(shape.rows - 1) + 1, gap, 0)
            let read = (width, spread(rows.upperBound - 1) - spread(rows.lowerBound) + 1, gap, spread(rows.lowerBound))
            return read.1 == whole.1 ? [whole] : [whole, read]
        }
    }
}
