import CDAQHDF5
import DAQCore

/// The table of packets that images lack: one row for each run of consecutive packet numbers of a stream.
struct MissingPacketTable: ~Copyable {
    /// One row, in memory as in the file.
    struct Row: BitwiseCopyable {
        /// Position of the image in the file.
        var image: UInt64
        /// Number of the UDP stream.
        var port: UInt32
        /// The first packet that did not arrive.
        var first: UInt32
        /// The last packet that did not arrive.
        var last: UInt32
    }

    /// Bytes of a row.
    static let rowBytes = MemoryLayout<Row>.stride

    private let dataset: HDF5Dataset
    private let type: HDF5Handle
    private var stored = 0
    private var pending: [Row] = []

    /// Creates the empty table.
    init(_ name: String, in group: borrowing HDF5Group) throws(HDF5Error) {
        let type = try Self.rowType(group.path(of: name))
        dataset = try HDF5Dataset(growing: name, in: group, type: type.id, chunkRows: 256)
        self.type = type
    }

    /// Adds what an image lacks.
    mutating func append(_ missing: [MissingPackets], image: Int) {
        for stream in missing {
            var run: ClosedRange<Int>?
            for number in stream.packets.numbers {
                if let open = run, open.upperBound + 1 == number {
                    run = open.lowerBound...number
                } else {
                    if let run { append(run, image, stream.port) }
                    run = number...number
                }
            }
            if let run { append(run, image, stream.port) }
        }
    }

    private mutating func append(_ run: ClosedRange<Int>, _ image: Int, _ port: Int) {
        pending.append(
            Row(
                image: UInt64(image), port: UInt32(clamping: port), first: UInt32(run.lowerBound),
                last: UInt32(run.upperBound)))
    }

    /// Writes the waiting rows; after a failure they wait on.
    mutating func flush() throws(HDF5Error) {
        try dataset.append(pending, count: pending.count, type: type.id, at: stored)
        stored += pending.count
        pending.removeAll(keepingCapacity: true)
    }

    private static func rowType(_ path: String) throws(HDF5Error) -> HDF5Handle {
        let type = try HDF5Handle(
            "describe a row of", path, closing: H5Tclose, H5Tcreate(H5T_COMPOUND, MemoryLayout<Row>.stride))
        let fields: [(String, Int?, hid_t)] = [
            ("image", MemoryLayout<Row>.offset(of: \.image), UInt64.hdf5Type),
            ("port", MemoryLayout<Row>.offset(of: \.port), UInt32.hdf5Type),
            ("first_packet", MemoryLayout<Row>.offset(of: \.first), UInt32.hdf5Type),
            ("last_packet", MemoryLayout<Row>.offset(of: \.last), UInt32.hdf5Type),
        ]
        for (name, offset, fieldType) in fields {
            try HDF5.check("describe a row of", path, H5Tinsert(type.id, name, offset ?? 0, fieldType))
        }
        return type
    }
}
