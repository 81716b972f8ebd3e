/// The pixels of one module as an array, in the order in which its streams send them.
struct ModuleShape: Sendable, Hashable {
    /// Pixels in a row.
    let columns: Int
    /// Rows.
    let rows: Int
    /// Side of the square readout chips the array is made of; `nil` when there are no borders inside.
    let chip: Int?

    /// Number of pixels.
    var pixels: Int { columns * rows }

    /// Whether a column or row lies at a border between two chips, where pixels are twice as wide.
    func isDouble(_ index: Int, of size: Int) -> Bool {
        guard let chip else { return false }
        return (index % chip == 0 && index > 0) || (index % chip == chip - 1 && index < size - 1)
    }
}

extension DetectorConfiguration {
    /// Shape of what a module position places: a module, for EIGER the half module of one stream.
    ///
    /// - Precondition: the detector type is supported and sends packets.
    var moduleShape: ModuleShape {
        switch type {
        case .eiger: ModuleShape(columns: 512, rows: 256, chip: 256)
        case .jungfrauRaw, .jungfrauConverted: ModuleShape(columns: 1024, rows: 512, chip: 256)
        case .moench: ModuleShape(columns: 400, rows: 400, chip: nil)
        case .gigafrost, .pco, .camera: preconditionFailure("\(type.rawValue) has no modules")
        }
    }
}
