import CDAQHDF5
import DAQCore

/// What is stored of every image besides its pixels: rows that wait in memory until a block of them is written.
protocol ImageRows: AnyObject {
    /// Adds the row of an image.
    func append(_ metadata: borrowing ImageMetadata, row: Int) throws(HDF5Error)
    /// Writes what waits, so that there are `rows` of them; after a failure it waits on.
    func flush(rows: Int) throws(HDF5Error)
}

/// One number an image.
final class NumberRows: ImageRows {
    private let field: ImageColumn
    private var column: Column

    /// Creates the dataset.
    init(_ name: String, _ field: ImageColumn, in group: borrowing HDF5Group, attributes: [(String, FileAttribute)])
        throws(HDF5Error)
    {
        self.field = field
        column = try Column(name, in: group, fileType: field.fileType)
        for (name, value) in attributes { try column.dataset.setAttribute(name, value) }
    }

    func append(_ metadata: borrowing ImageMetadata, row: Int) { column.append(field.value(metadata)) }
    func flush(rows: Int) throws(HDF5Error) { try column.flush() }
}

/// Rows of a compound type, the same in memory as in the file.
struct RecordColumn<Row: BitwiseCopyable>: ~Copyable {
    /// A member of a row.
    struct Field {
        let name: String
        let offset: Int?
        let type: hid_t
    }

    let dataset: HDF5Dataset
    private let type: HDF5Handle
    private var stored = 0
    private var pending: [Row] = []

    /// Creates the empty dataset.
    init(_ name: String, in group: borrowing HDF5Group, chunkRows: Int, _ fields: [Field]) throws(HDF5Error) {
        let path = group.path(of: name)
        let type = try HDF5Handle(
            "describe a row of", path, closing: H5Tclose, H5Tcreate(H5T_COMPOUND, MemoryLayout<Row>.stride))
        for field in fields {
            try HDF5.check("describe a row of", path, H5Tinsert(type.id, field.name, field.offset ?? 0, field.type))
        }
        dataset = try HDF5Dataset(growing: name, in: group, type: type.id, chunkRows: chunkRows)
        self.type = type
    }

    /// Adds a row.
    mutating func append(_ row: Row) { pending.append(row) }

    /// Writes the waiting rows; after a failure they wait on.
    mutating func flush() throws(HDF5Error) {
        try dataset.append(pending, count: pending.count, type: type.id, at: stored)
        stored += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}

/// The `metadata` of std-daq files.
final class StdDAQRows: ImageRows {
    private struct Row: BitwiseCopyable {
        var id: UInt64
        var status: UInt64
    }

    private var column: RecordColumn<Row>

    /// Creates the dataset.
    init(_ name: String, in group: borrowing HDF5Group) throws(HDF5Error) {
        column = try RecordColumn(
            name, in: group, chunkRows: Column.blockRows,
            [
                .init(name: "image_id", offset: MemoryLayout<Row>.offset(of: \.id), type: UInt64.hdf5Type),
                .init(name: "status", offset: MemoryLayout<Row>.offset(of: \.status), type: UInt64.hdf5Type),
            ])
    }

    func append(_ metadata: borrowing ImageMetadata, row: Int) {
        column.append(Row(id: metadata.id, status: UInt64(metadata.status.rawValue)))
    }

    func flush(rows: Int) throws(HDF5Error) { try column.flush() }
}
