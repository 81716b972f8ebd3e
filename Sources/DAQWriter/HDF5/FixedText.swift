import CDAQHDF5

/// A text whose bytes can be replaced while others read the file.
final class FixedText {
    private let dataset: HDF5Dataset
    private let type: HDF5Handle
    private let bytes: Int

    /// Creates the empty text.
    init(_ name: String, in group: borrowing HDF5Group, bytes: Int) throws(HDF5Error) {
        type = try HDF5String.type(utf8: false, bytes: bytes, group.path(of: name))
        dataset = try HDF5Dataset(creating: name, in: group, type: type.id, shape: [])
        self.bytes = bytes
        try write("")
    }

    /// Replaces the text; what is longer is cut.
    func write(_ text: String) throws(HDF5Error) {
        let padding = [UInt8](repeating: 0, count: bytes)
        try dataset.write(Array((Array(text.utf8) + padding)[..<bytes]), type: type.id)
    }
}
