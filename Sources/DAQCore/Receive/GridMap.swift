/// Which port a packet belongs to when its header's row and column decide.
struct GridMap {
    /// What a cell of the grid is.
    enum Cell: Equatable {
        case port(Int)
        /// A stream without a position.
        case unplaced
        /// No cell of the grid.
        case outside
    }

    private let rows: Int
    private let columns: Int
    private let cells: [Cell]

    init(_ grid: ModuleGrid, streams: [UDPStream], placed: [UDPStream]) {
        rows = grid.rows
        columns = grid.columns
        var cells = [Cell](repeating: .outside, count: grid.rows * grid.columns)
        for stream in streams where stream.row < grid.rows && stream.column < grid.columns {
            let port = placed.firstIndex { $0.number == stream.number }
            cells[stream.row * grid.columns + stream.column] = port.map { .port($0) } ?? .unplaced
        }
        self.cells = cells
    }

    func place(row: UInt16, column: UInt16) -> Cell {
        guard row < rows, column < columns else { return .outside }
        return cells[Int(row) * columns + Int(column)]
    }
}
