/// The grid of UDP streams in a detector whose headers say where a packet belongs (`module_grid`).
public struct ModuleGrid: Sendable, Hashable {
    /// Number of stream rows; a header's row is below it.
    public var rows: Int
    /// Number of stream columns; a header's column is below it.
    public var columns: Int

    /// A grid of `rows` × `columns` streams.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}
