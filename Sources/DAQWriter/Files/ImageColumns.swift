import DAQCore

/// What every image has besides pixels, a dataset each.
struct ImageColumns: ~Copyable {
    /// Bytes of a row in all columns.
    static let rowBytes = 41

    private var frameID: Column<UInt64>
    private var segment: Column<UInt32>
    private var pulseID: Column<UInt64>
    private var status: Column<UInt8>
    private var missingPackets: Column<UInt32>
    private var detectorTimestamp: Column<UInt64>
    private var receivedAt: Column<UInt64>

    /// Creates the columns.
    ///
    /// - Parameter idStep: difference of the ids of consecutive images, stored so that gaps can be told.
    init(in group: borrowing HDF5Group, idStep: UInt64) throws(HDF5Error) {
        // All or none: the compiler has no half-made values that own something.
        let frameID = try Column<UInt64>("frame_id", in: group)
        try frameID.dataset.setAttribute("step", idStep)
        let segment = try Column<UInt32>("segment", in: group)
        let pulseID = try Column<UInt64>("pulse_id", in: group)
        let status = try Column<UInt8>("status", in: group)
        try status.dataset.setAttribute("meaning", "1 good, 2 missing packets")
        let missingPackets = try Column<UInt32>("missing_packets", in: group)
        let detectorTimestamp = try Column<UInt64>("detector_timestamp", in: group, units: "100 ns")
        let receivedAt = try Column<UInt64>("received_at", in: group, units: "ns")
        try receivedAt.dataset.setAttribute("meaning", "UTC, since 1970-01-01T00:00:00Z")
        self.frameID = frameID
        self.segment = segment
        self.pulseID = pulseID
        self.status = status
        self.missingPackets = missingPackets
        self.detectorTimestamp = detectorTimestamp
        self.receivedAt = receivedAt
    }

    /// Rows that wait in memory.
    var waiting: Int { frameID.waiting }

    /// Adds a row.
    mutating func append(_ metadata: ImageMetadata) {
        frameID.append(metadata.id)
        segment.append(metadata.segment)
        pulseID.append(metadata.pulseID)
        status.append(metadata.status.rawValue)
        missingPackets.append(UInt32(clamping: metadata.missingPackets))
        detectorTimestamp.append(metadata.detectorTimestamp)
        receivedAt.append(metadata.receivedAt)
    }

    /// Writes the waiting rows.
    mutating func flush() throws(HDF5Error) {
        try frameID.flush()
        try segment.flush()
        try pulseID.flush()
        try status.flush()
        try missingPackets.flush()
        try detectorTimestamp.flush()
        try receivedAt.flush()
    }
}
