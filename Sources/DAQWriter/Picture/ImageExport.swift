/// The kinds of picture files that hold values, not colours.
public enum ExportFormat: String, Sendable, Hashable, CaseIterable {
    /// PNG of 16 bits, grey: values are rounded, and cut at 0 and 65535; NaN becomes 0.
    case png
    /// TIFF of 32-bit floating-point numbers.
    case tiff
}

extension HDF5ImageFile {
    /// Writes one image as a picture file, replacing one that exists.
    ///
    /// - Throws: ``HDF5Error`` when the image cannot be read, or the file not be written.
    public func export(image index: Int, as format: ExportFormat, to path: String) throws(HDF5Error) {
        switch format {
        case .png:
            let values = try values(ofImage: index).map { value in
                value.isNaN ? 0 : UInt16(min(max(value, 0), 65535).rounded())
            }
            try PNGFile.write(PNGFile.encode(values, width: width, height: height), to: path)
        case .tiff: try PNGFile.write(TIFFFile.encode(image(index, as: Float.self), width: width, height: height), to: path)
        }
    }
}
