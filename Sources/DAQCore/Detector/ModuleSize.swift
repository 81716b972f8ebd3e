/// Columns and rows that a module may cover in the image.
struct ModuleSize: Sendable, Hashable, CustomStringConvertible {
    var columns: Int
    var rows: Int

    /// Whether a position has this size, turned if it is.
    func fits(_ position: ModulePosition) -> Bool {
        position.rotation.isMultiple(of: 2)
            ? position.width == columns && position.height == rows : position.width == rows && position.height == columns
    }

    var description: String { "\(columns) × \(rows)" }

    /// Sizes in words, as they appear after turning by 90 or 270 degrees.
    static func list(_ sizes: [ModuleSize], turned: Bool) -> String {
        sizes.map { turned ? ModuleSize(columns: $0.rows, rows: $0.columns).description : $0.description }.joined(
            separator: " or ")
    }
}

extension DetectorConfiguration {
    /// The sizes that the position of a module may have, before it is turned.
    ///
    /// EIGER streams have two gap columns between their two chips; JUNGFRAU modules may be placed with two gap pixels
    /// between their 4 × 2 chips or without. A partial read-out either leaves a whole module's place, whose unread rows then
    /// are gaps, or takes only the rows that are read; they are centred, so the chip border is always among them.
    var moduleSizes: [ModuleSize] {
        FramePlacement.sizes(of: moduleShape, rows: Geometry.rowsRead(self))
            .filter { type != .eiger || $0.gap > 0 }
            .map { ModuleSize(columns: $0.width, rows: $0.height) }
    }
}
