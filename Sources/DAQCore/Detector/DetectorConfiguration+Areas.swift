extension DetectorConfiguration {
    /// The rectangles of the image that modules cover, from left to right; empty when that is not known, or every pixel has a sensor.
    package var moduleAreas: [ImageRegion] {
        let positions: [ModulePosition]
        if let geometry {
            // The pixels of strip sensors are sorted over the whole image.
            guard geometry.strips == nil else { return [] }
            positions = geometry.positions(gapPixels: gapPixels)
        } else {
            positions = Array(modulePositions.values)
        }
        let areas = positions.map { position in
            ImageRegion(
                xStart: min(position.xStart, position.xEnd), yStart: min(position.yStart, position.yEnd),
                xEnd: max(position.xStart, position.xEnd), yEnd: max(position.yStart, position.yEnd))
        }
        return areas.sorted { $0.xStart < $1.xStart }
    }
}
