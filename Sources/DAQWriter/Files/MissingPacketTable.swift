import DAQCore

/// The table of packets that images lack: one row for each run of consecutive packet numbers of a stream.
///
/// Rows name their image by segment and id, which stays true when files are split or put together.
final class MissingPacketTable: ImageRows {
    /// One row, in memory as in the file.
    private struct Row: BitwiseCopyable {
        /// Segment of the image.
        var segment: UInt64
        /// Id of the image.
        var id: UInt64
        /// Number of the UDP stream.
        var port: UInt32
        /// The first packet that did not arrive.
        var first: UInt32
        /// The last packet that did not arrive.
        var last: UInt32
        /// So that no byte of a row is left as it was.
        var padding: UInt32 = 0
    }

    /// Bytes of a row.
    static let rowBytes = MemoryLayout<Row>.stride

    private var column: RecordColumn<Row>

    /// Creates the empty table.
    init(_ name: String, in group: borrowing HDF5Group) throws(HDF5Error) {
        column = try RecordColumn(
            name, in: group, chunkRows: 256,
            [
                .init(name: "segment", offset: MemoryLayout<Row>.offset(of: \.segment), type: UInt64.hdf5Type),
                .init(name: "frame_id", offset: MemoryLayout<Row>.offset(of: \.id), type: UInt64.hdf5Type),
                .init(name: "port", offset: MemoryLayout<Row>.offset(of: \.port), type: UInt32.hdf5Type),
                .init(name: "first_packet", offset: MemoryLayout<Row>.offset(of: \.first), type: UInt32.hdf5Type),
                .init(name: "last_packet", offset: MemoryLayout<Row>.offset(of: \.last), type: UInt32.hdf5Type),
            ])
    }

    func append(_ metadata: borrowing ImageMetadata, row: Int) {
        for stream in metadata.missing {
            var run: ClosedRange<Int>?
            func close() {
                guard let run else { return }
                column.append(
                    Row(
                        segment: UInt64(metadata.segment), id: metadata.id, port: UInt32(clamping: stream.port),
                        first: UInt32(run.lowerBound), last: UInt32(run.upperBound)))
            }
            for number in stream.packets.numbers {
                if let open = run, open.upperBound + 1 == number {
                    run = open.lowerBound...number
                } else {
                    close()
                    run = number...number
                }
            }
            close()
        }
    }

    func flush(rows: Int) throws(HDF5Error) { try column.flush() }
}
