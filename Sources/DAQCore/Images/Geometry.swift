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
        let rows = Self.rowsRead(configuration)

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

    /// The rows of a module that are read: partial read-out is centred.
    static func rowsRead(_ configuration: DetectorConfiguration) -> Range<Int> {
        let rows = configuration.moduleShape.rows
        let read = configuration.readRows ?? rows
        let first = (rows - read) / 2
        return first..<first + read
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
        let placed = positions.sorted { $0.key < $1.key }
        for (index, (module, position)) in placed.enumerated() {
            for (other, place) in placed[..<index] where place.overlaps(position) { throw .overlap(other, module) }
        }
    }
}
