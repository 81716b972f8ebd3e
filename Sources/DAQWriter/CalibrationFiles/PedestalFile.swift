/// Writes pedestals as PSI's `.res.h5` files have them, so that this library and others read them.
public enum PedestalFile {
    /// Writes `/gains` (means) and `/gainsRMS` as float64 (3, rows, 1024), and `/pixel_mask` as int64 (rows, 1024).
    ///
    /// - Parameters:
    ///   - means: pedestals in ADU of gain stages 0, 1 and 2, each for all pixels of the stacked modules.
    ///   - deviations: standard deviations likewise.
    ///   - mask: 0 for good pixels.
    ///   - overwrite: whether an existing file is replaced; otherwise it is an error.
    /// - Throws: ``HDF5Error`` when the file cannot be created or written; what was there before is then there still.
    /// - Precondition: all planes and the mask have as many pixels, a multiple of 1024.
    public static func write(
        means: [[Double]], deviations: [[Double]], mask: [Int64], to path: String, overwrite: Bool = false
    ) throws(HDF5Error) {
        let columns = CalibrationFile.columns
        let sizes = Set(means.map(\.count) + deviations.map(\.count))
        precondition(
            sizes == [mask.count] && means.count == deviations.count && mask.count % columns == 0,
            "the planes of a pedestal file differ in size")
        try FilePath.checkCreatable(path, overwrite: overwrite)
        // Whatever happens, the file is the old one or the new one.
        let newPath = PartNames(path).newPath
        let file = try HDF5File(creating: newPath, overwrite: true)
        do throws(HDF5Error) {
            // Written once, so a full disk can only cost this file, which is then removed.
            let space = mask.count * (16 * means.count + 8)
            var reserved = try FileSpace(file.descriptor(), newPath, ahead: true)
            try reserved.provideRows(space, beyond: 0)
            let root = try file.root()
            let shape = [means.count, mask.count / columns, columns]
            try root.write(means.flatMap { $0 }, shape: shape, to: "gains")
            try root.write(deviations.flatMap { $0 }, shape: shape, to: "gainsRMS")
            try root.write(mask, shape: Array(shape.dropFirst()), to: "pixel_mask")
            try file.flush()
            FileSpace.trim(try file.descriptor())
        } catch {
            // Closing would try again to store what found no place, and crash.
            file.abandon()
            FilePath.remove(newPath)
            throw error
        }
        do throws(HDF5Error) {
            try file.close()
            try Publishing.publish(newPath, as: path, replacing: overwrite)
        } catch {
            FilePath.remove(newPath)
            throw error
        }
    }
}
