extension ConfigurationValidator {
    /// Where modules lie: inside the image, of the right size, not on top of each other.
    mutating func checkLayout() {
        guard isSound("geometry", "detector_type") else { return }
        if configuration.geometry != nil { return checkPublishedLayout() }
        guard isSound("module_positions") else { return checkPlaces() }
        if configuration.modulePositions.isEmpty {
            return report(
                at: "module_positions", expected: "a position for one module at least", found: "none",
                hint: "or name a published layout in geometry")
        }
        checkPlaces()
    }

    private mutating func checkPublishedLayout() {
        guard let geometry = configuration.geometry else { return }
        if !configuration.type.isJungfrau {
            report(
                .conflict, at: "geometry", expected: "a published layout only for JUNGFRAU", found: configuration.type.rawValue)
        }
        if isSound("module_positions"), !configuration.modulePositions.isEmpty {
            report(
                .conflict, at: "module_positions", expected: "no positions beside the geometry \(geometry.name)",
                found: "\(configuration.modulePositions.count)", hint: "keep one of the two")
        }
        if isSound("n_modules"), configuration.moduleCount != geometry.moduleCount {
            report(
                .conflict, at: "n_modules", expected: "\(geometry.moduleCount), the modules of \(geometry.name)",
                found: "\(configuration.moduleCount)")
        }
        guard isSound("gap_pixels") else { return }
        let size = geometry.size(gapPixels: configuration.gapPixels)
        let gaps = configuration.gapPixels ? "with" : "without"
        if isSound("image_pixel_width"), configuration.imageWidth != size.width {
            report(
                .conflict, at: "image_pixel_width", expected: "\(size.width), the width of \(geometry.name) \(gaps) gap pixels",
                found: "\(configuration.imageWidth)", hint: "the key may be left out")
        }
        if isSound("image_pixel_height"), configuration.imageHeight != size.height {
            report(
                .conflict, at: "image_pixel_height",
                expected: "\(size.height), the height of \(geometry.name) \(gaps) gap pixels",
                found: "\(configuration.imageHeight)", hint: "the key may be left out")
        }
    }

    /// Positions that could be read are checked even where others could not.
    private mutating func checkPlaces() {
        let hasImage = isSound("image_pixel_height", "image_pixel_width")
        let hasSizes = isSound("read_rows")
        let count = isSound("n_modules") ? configuration.moduleCount : DetectorConfiguration.maximumStreamCount
        let sizes = hasSizes ? configuration.moduleSizes : []
        var placed: [(module: Int, position: ModulePosition)] = []
        for (module, position) in configuration.modulePositions.sorted(by: { $0.key < $1.key }) {
            let path = ConfigurationPath("module_positions")["\(module)"]
            guard (0..<count).contains(module) else {
                report(
                    at: path, expected: "a module from 0 to \(count - 1)", found: "module \(module)",
                    hint: "n_modules says how many there are")
                continue
            }
            guard (0...3).contains(position.rotation) else {
                report(at: path[4], expected: "0 to 3 quarter turns", found: "\(position.rotation)")
                continue
            }
            guard !hasImage || checkCorners(of: position, at: path) else { continue }
            // Far outside of any image the differences below would overflow.
            let side = -DetectorConfiguration.maximumImageSide...DetectorConfiguration.maximumImageSide
            guard [position.xStart, position.yStart, position.xEnd, position.yEnd].allSatisfy(side.contains) else { continue }
            if hasSizes, !sizes.contains(where: { $0.fits(position) }) {
                report(
                    at: path, expected: "a module of \(ModuleSize.list(sizes, turned: position.rotation % 2 == 1)) pixels",
                    found: "\(position.width) × \(position.height)", hint: "both corners are pixels of the module")
            }
            placed.append((module, position))
        }
        checkOverlaps(of: placed)
    }

    /// Whether both corners are in the image.
    private mutating func checkCorners(of position: ModulePosition, at path: ConfigurationPath) -> Bool {
        let limits = [
            (position.xStart, configuration.imageWidth, "column"), (position.yStart, configuration.imageHeight, "row"),
            (position.xEnd, configuration.imageWidth, "column"), (position.yEnd, configuration.imageHeight, "row"),
        ]
        var isInside = true
        for (index, (value, limit, name)) in limits.enumerated() where !(0..<limit).contains(value) {
            report(at: path[index], expected: "a \(name) of the image, 0 to \(limit - 1)", found: "\(value)")
            isInside = false
        }
        return isInside
    }

    private mutating func checkOverlaps(of placed: [(module: Int, position: ModulePosition)]) {
        for (index, (module, position)) in placed.enumerated() {
            // One partner a module is enough to find the mistake.
            guard let other = placed[..<index].first(where: { $0.position.overlaps(position) }) else { continue }
            report(
                .conflict, at: ConfigurationPath("module_positions")["\(module)"], expected: "modules that do not overlap",
                found: "module \(module) on top of module \(other.module)")
        }
    }
}
