import CDAQHDF5

/// A dataset of one number an image, written in blocks: a row alone costs 300 times as much.
///
/// Numbers of any type are kept as the bits of eight bytes. Rows are added for each image, and a type without parameters
/// needs no look at its own description for each of them.
struct Column: ~Copyable {
    /// Rows in a chunk of the file, and the most that wait in memory.
    static let blockRows = 1024

    let dataset: HDF5Dataset
    private let memoryType: hid_t
    private var stored: Int
    private var pending: [UInt64] = []

    /// Creates a column.
    ///
    /// - Parameters:
    ///   - memoryType: a type of eight bytes, whose bits are added.
    ///   - fileType: the type in the file, if it is another.
    ///   - stored: the number of rows it begins with, all of which show `fill`.
    ///   - fill: bits of what rows show that were never written.
    init(
        _ name: String, in group: borrowing HDF5Group, memoryType: hid_t = UInt64.hdf5Type, fileType: hid_t? = nil,
        stored: Int = 0, fill: UInt64 = 0
    ) throws(HDF5Error) {
        let dataset = try HDF5Dataset(
            growing: name, in: group, type: fileType ?? memoryType, chunkRows: Self.blockRows,
            fill: .init(fill, type: memoryType))
        try dataset.resize(to: stored)
        self.dataset = dataset
        self.memoryType = memoryType
        self.stored = stored
        pending.reserveCapacity(Self.blockRows)
    }

    /// Rows, written or waiting.
    var count: Int { stored + pending.count }

    /// Adds a row.
    mutating func append(_ bits: UInt64) { pending.append(bits) }

    /// Writes the waiting rows; after a failure they wait on.
    mutating func flush() throws(HDF5Error) {
        try dataset.append(pending, count: pending.count, type: memoryType, at: stored)
        stored += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
