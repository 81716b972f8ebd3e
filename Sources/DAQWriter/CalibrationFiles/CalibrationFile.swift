import DAQCore

/// A calibration file in HDF5, as PSI writes them: planes of pedestals or gains in `/gains`, a mask in `/pixel_mask`.
///
/// Planes hold the stacked modules: `512 × modules` rows of 1024 pixels, module 0 first.
struct CalibrationFile: ~Copyable {
    /// Pixels in a row of a module.
    static let columns = 1024
    /// Rows of a module.
    static let rowsPerModule = 512

    private let file: HDF5File
    private let root: HDF5Group
    private let rows: Int

    /// Opens a file for a number of modules.
    init(path: String, modules: Int) throws {
        do throws(HDF5Error) {
            let file = try HDF5File(reading: path)
            root = try file.root()
            self.file = file
        } catch {
            throw CalibrationFileError(path: path, problem: error.detail, advice: error.advice)
        }
        rows = modules * Self.rowsPerModule
    }

    /// The planes of `/gains`, each value rounded once from what is stored to `Float`.
    ///
    /// - Parameter allowed: how many planes there may be.
    func planes(_ allowed: [Int]) throws -> [[Float]] {
        try reading("gains") { dataset in
            let shape = try dataset.shape()
            let type = try dataset.elementType()
            guard case .float = type else {
                throw CalibrationFileError(
                    path: dataset.path, problem: "expected float64 or float32 values, found \(type)")
            }
            guard shape.count == 3, allowed.contains(shape[0]), shape[1] == rows, shape[2] == Self.columns else {
                let counts = allowed.map(String.init).joined(separator: " or ")
                throw CalibrationFileError(
                    path: dataset.path,
                    problem: "expected the shape (\(counts), \(rows), \(Self.columns)), found \(Self.text(shape))",
                    advice: "check that it is of this detector, and of this kind: pedestals have 3 or 4 planes, gains 3, 4 or 6")
            }
            // Plane by plane, so that no second copy of all of them is made.
            return try (0..<shape[0]).map { plane in
                try dataset.read(Float.self, start: [plane, 0, 0], count: [1, rows, Self.columns])
            }
        }
    }

    /// The mask of `/pixel_mask`; `nil` when there is none.
    func mask() throws -> [Int64]? {
        guard root.contains("pixel_mask") else { return nil }
        return try reading("pixel_mask") { dataset in
            let shape = try dataset.shape()
            let type = try dataset.elementType()
            switch type {
            case .integer, .boolean: break
            default:
                throw CalibrationFileError(path: dataset.path, problem: "expected integers or booleans, found \(type)")
            }
            guard shape == [rows, Self.columns] else {
                throw CalibrationFileError(
                    path: dataset.path, problem: "expected the shape (\(rows), \(Self.columns)), found \(Self.text(shape))",
                    advice: "check that it is of this detector")
            }
            return try dataset.readAll(Int64.self)
        }
    }

    private func reading<Result>(_ name: String, _ body: (borrowing HDF5Dataset) throws -> Result) throws -> Result {
        do {
            guard root.contains(name) else {
                throw CalibrationFileError(
                    path: file.path, problem: "there is no dataset /\(name)", advice: "check that this is the right file")
            }
            return try body(HDF5Dataset(opening: name, in: root))
        } catch let error as HDF5Error {
            throw CalibrationFileError(path: error.path, problem: error.detail, advice: error.advice)
        }
    }

    private static func text(_ shape: [Int]) -> String { "(\(shape.map(String.init).joined(separator: ", ")))" }
}
