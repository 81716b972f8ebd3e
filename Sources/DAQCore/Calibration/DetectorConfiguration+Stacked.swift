extension DetectorConfiguration {
    /// The same detector with raw images in which its modules are stacked, module 0 first: what pedestals are taken from.
    ///
    /// Modules without a position are not received here either; their places in the stack stay 0. What is only said about
    /// corrected images has its default.
    public func stackedRaw() -> DetectorConfiguration {
        var stacked = self
        let shape = moduleShape
        stacked.geometry = nil
        stacked.readRows = nil
        stacked.ring.content = .raw
        stacked.calibration = CalibrationConfiguration()
        stacked.missingValue = .extreme
        stacked.gapValue = .number(0)
        stacked.imageWidth = shape.columns
        stacked.imageHeight = shape.rows * moduleCount
        stacked.modulePositions = Dictionary(
            uniqueKeysWithValues: placedModules.map { module in
                let top = module * shape.rows
                return (
                    module,
                    ModulePosition(xStart: 0, yStart: top, xEnd: shape.columns - 1, yEnd: top + shape.rows - 1)
                )
            })
        return stacked
    }
}
