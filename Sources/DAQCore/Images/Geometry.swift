/// Where every pixel of a detector belongs in its images.
struct Geometry: Sendable {
    /// Image width in pixels.
    let width: Int
    /// Image height in pixels.
    let height: Int
    /// Shape of one module.
    let shape: ModuleShape
    /// The placement of every placed module, by module number.
    let modules: [Int: FramePlacement]
    /// For strip sensors: how the image is made of the stacked modules, which lie behind the image in a slot.
    let strips: StripRemap?

    /// Pixels of a slot: the image, and behind it the stacked modules of a strip sensor.
    var slotPixels: Int { width * height + (strips.map { $0.modules * shape.pixels } ?? 0) }

    /// The geometry of a configuration, from its published layout or its module positions.
    init(_ configuration: DetectorConfiguration) throws(GeometryError) {
        let shape = configuration.moduleShape
        let imageWidth = configuration.imageWidth
        let imageHeight = configuration.imageHeight
        self.shape = shape
        width = imageWidth
        height = imageHeight
        // Partial read-out is centred.
        let read = configuration.readRows ?? shape.rows
        let first = (shape.rows - read) / 2
        let rows = first..<first + read

        var positions = configuration.modulePositions
        if let layout = configuration.geometry {
            try Self.check(layout, for: configuration)
            if let kind = layout.strips {
                let origins = layout.origins(gapPixels: false)
                strips = StripRemap(kind, origins: origins, width: imageWidth, height: imageHeight)
                var stack: [Int: FramePlacement] = [:]
                for module in 0..<layout.moduleCount {
                    stack[module] = FramePlacement(
                        stacked: shape, rows: rows, origin: imageWidth * imageHeight + module * shape.pixels)
                }
                modules = stack
                return
            }
            positions = Dictionary(
                uniqueKeysWithValues: layout.positions(gapPixels: configuration.gapPixels).enumerated().map { ($0, $1) })
        }
        strips = nil
        var placed: [Int: FramePlacement] = [:]
        for (module, position) in positions.sorted(by: { $0.key < $1.key }) {
            placed[module] = try FramePlacement(
                module: module, shape: shape, rows: rows, position: position, imageWidth: imageWidth, imageHeight: imageHeight)
        }
        try Self.refuseOverlap(positions)
        modules = placed
    }

    private static func check(
        _ layout: PublishedGeometry, for configuration: DetectorConfiguration
    ) throws(GeometryError) {
        guard configuration.type.isJungfrau else {
            throw .layout(layout, reason: "is a JUNGFRAU layout; detector_type is \(configuration.type.rawValue)")
        }
        guard configuration.moduleCount == layout.moduleCount else {
            throw .layout(layout, reason: "has \(layout.moduleCount) modules; n_modules is \(configuration.moduleCount)")
        }
        let size = layout.size(gapPixels: configuration.gapPixels)
        guard (configuration.imageWidth, configuration.imageHeight) == size else {
            throw .layout(
                layout,
                reason: "makes images of \(size.width) × \(size.height) pixels; image_pixel_width × image_pixel_height is "
                    + "\(configuration.imageWidth) × \(configuration.imageHeight)")
        }
    }

    /// Two owners of a pixel would make an image depend on the order in which packets arrive.
    private static func refuseOverlap(_ positions: [Int: ModulePosition]) throws(GeometryError) {
        let areas = positions.sorted { $0.key < $1.key }.map { module, position in
            (
                module: module,
                columns: min(position.xStart, position.xEnd)...max(position.xStart, position.xEnd),
                rows: min(position.yStart, position.yEnd)...max(position.yStart, position.yEnd)
            )
        }
        for (index, area) in areas.enumerated() {
            for other in areas[..<index] where area.columns.overlaps(other.columns) && area.rows.overlaps(other.rows) {
                throw .overlap(other.module, area.module)
            }
        }
    }
}
