import CDAQHDF5

/// A dataset of one number an image, written in blocks: a row alone costs 300 times as much.
struct Column<Number: HDF5Scalar>: ~Copyable {
    /// Rows in a chunk of the file, and the most that wait in memory.
    static var blockRows: Int { 1024 }

    let dataset: HDF5Dataset
    private var stored: Int
    private var pending: [Number] = []

    /// Creates a column.
    ///
    /// - Parameters:
    ///   - fileType: the type in the file, if it is not `Number`.
    ///   - stored: the number of rows it begins with, all of which show `fill`.
    ///   - fill: what rows show that were never written.
    init(
        _ name: String, in group: borrowing HDF5Group, fileType: hid_t? = nil, stored: Int = 0, fill: Number = Number()
    ) throws(HDF5Error) {
        let dataset = try HDF5Dataset(
            growing: name, in: group, type: fileType ?? Number.hdf5Type, chunkRows: Self.blockRows,
            fill: .init(fill, type: Number.hdf5Type))
        try dataset.resize(to: stored)
        self.dataset = dataset
        self.stored = stored
        pending.reserveCapacity(Self.blockRows)
    }

    /// Rows, written or waiting.
    var count: Int { stored + pending.count }

    /// Rows that wait in memory.
    var waiting: Int { pending.count }

    /// Adds a row.
    mutating func append(_ number: Number) { pending.append(number) }

    /// Writes the waiting rows; after a failure they wait on.
    mutating func flush() throws(HDF5Error) {
        try dataset.append(pending, count: pending.count, type: Number.hdf5Type, at: stored)
        stored += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
