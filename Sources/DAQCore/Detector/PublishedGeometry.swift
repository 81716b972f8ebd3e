/// A published layout of modules by detector name, such as `JF06T08` (`geometry`).
///
/// The layouts are those of PSI's JUNGFRAU detectors. A name may carry the version of the detector (`JF06T08V05`); all versions
/// share a layout, except that `JF02T09V01` differs from the later ones.
public struct PublishedGeometry: Sendable, Hashable {
    /// The name the layout is known by.
    public let name: String
    private let layout: Layout

    /// The layout of that name.
    ///
    /// - Returns: `nil` when no such layout is published; ``names`` lists them.
    public init?(name: String) {
        guard let layout = Self.layouts[name] ?? Self.layouts[Self.withoutVersion(name)] else { return nil }
        self.name = name
        self.layout = layout
    }

    /// All known names, without versions that make no difference.
    public static let names: [String] = layouts.keys.sorted()

    /// Number of modules, numbered from 0.
    public var moduleCount: Int { layout.originX.count }

    /// Size of the image.
    ///
    /// - Parameter gapPixels: whether modules have two gap pixels between their chips; strip sensors never have.
    public func size(gapPixels: Bool) -> (width: Int, height: Int) {
        let canvas = canvas(gapPixels: gapPixels)
        return layout.rotation.isMultiple(of: 2) ? canvas : (canvas.height, canvas.width)
    }

    /// How the pixels of a strip sensor are sorted; `nil` for ordinary sensors.
    var strips: StripSensor? { layout.strips }

    /// Where the modules of an ordinary sensor lie in the image.
    ///
    /// - Precondition: the layout has no strip sensors.
    func positions(gapPixels: Bool) -> [ModulePosition] {
        let module = moduleSize(gapPixels: gapPixels)
        return origins(gapPixels: gapPixels).enumerated().map { index, origin in
            let turns = (layout.rotation + layout.turns(of: index)) % 4
            let size = turns.isMultiple(of: 2) ? module : (width: module.height, height: module.width)
            return ModulePosition(
                xStart: origin.x, yStart: origin.y, xEnd: origin.x + size.width - 1, yEnd: origin.y + size.height - 1,
                rotation: turns)
        }
    }

    /// The first pixel of every module's area in the image.
    func origins(gapPixels: Bool) -> [(x: Int, y: Int)] {
        let canvas = canvas(gapPixels: gapPixels)
        let size = moduleSize(gapPixels: gapPixels)
        return (0..<moduleCount).map { index in
            let (x, y) = (layout.originX[index], layout.originY[index])
            // The tables hold a corner of each module before the whole detector is turned.
            let corner =
                switch layout.rotation {
                case 1: (x: y, y: canvas.width - x)
                case 2: (x: canvas.width - x, y: canvas.height - y)
                case 3: (x: canvas.height - y, y: x)
                default: (x: x, y: y)
                }
            return Self.shifted(corner, turns: (layout.rotation + layout.turns(of: index)) % 4, size)
        }
    }

    /// Size before the whole detector is turned.
    private func canvas(gapPixels: Bool) -> (width: Int, height: Int) {
        let size = moduleSize(gapPixels: gapPixels)
        var canvas = (width: 0, height: 0)
        for index in 0..<moduleCount {
            let turns = layout.turns(of: index)
            let origin = Self.shifted((layout.originX[index], layout.originY[index]), turns: turns, size)
            let turned = turns.isMultiple(of: 2) ? size : (width: size.height, height: size.width)
            canvas.width = max(canvas.width, origin.x + turned.width)
            canvas.height = max(canvas.height, origin.y + turned.height)
        }
        return canvas
    }

    /// A turned module hangs from another of its corners.
    private static func shifted(
        _ corner: (x: Int, y: Int), turns: Int, _ size: (width: Int, height: Int)
    ) -> (x: Int, y: Int) {
        switch turns {
        case 1: (corner.x, corner.y - size.width)
        case 2: (corner.x - size.width, corner.y - size.height)
        case 3: (corner.x - size.height, corner.y)
        default: corner
        }
    }

    private func moduleSize(gapPixels: Bool) -> (width: Int, height: Int) {
        strips?.size ?? (gapPixels ? (1030, 514) : (1024, 512))
    }

    private static func withoutVersion(_ name: String) -> String {
        guard let mark = name.lastIndex(of: "V") else { return name }
        let version = name[name.index(after: mark)...]
        return version.count == 2 && version.allSatisfy { $0.isASCII && $0.isNumber } ? String(name[..<mark]) : name
    }
}

extension PublishedGeometry {
    /// One row of the tables.
    struct Layout: Sendable, Hashable {
        /// Rows of the modules' corners.
        var originY: [Int]
        /// Columns of the modules' corners.
        var originX: [Int]
        /// Quarter turns of the whole detector.
        var rotation = 0
        /// Quarter turns of single modules before that.
        var moduleRotations: [Int: Int] = [:]
        /// Sorting of strip pixels.
        var strips: StripSensor?

        /// Quarter turns of a module inside the detector.
        func turns(of module: Int) -> Int { moduleRotations[module] ?? 0 }
    }
}
