import DAQCore

/// What a file says of its images besides pixels.
public struct ImageIndex: Sendable, Equatable {
    /// A run of ids that are not in the file, both ends included.
    public struct Gap: Sendable, Equatable {
        /// The segment they belong to.
        public var segment: UInt32
        /// The first id that is not there.
        public var first: UInt64
        /// The last id that is not there.
        public var last: UInt64
        /// How many ids are not there.
        public var count: UInt64
    }

    /// Columns that have a number for each image, by name: `frame_id`, `pulse_id` and so on.
    public var columns: [String: [UInt64]] = [:]
    /// Ids between the first and the last of a segment that are not there, at most ``maximumGaps``.
    public var gaps: [Gap] = []
    /// Ids that are not there, in all gaps.
    public var missingImages: UInt64 = 0
    /// Places where ids do not ascend within a segment.
    public var disorder = 0
    /// The distance of ids, if the file tells it.
    public var storedStep: UInt64?
    /// Number of images by status (1 good, 2 missing packets).
    public var statusCounts: [UInt64: Int] = [:]

    /// The most gaps that are listed.
    public static let maximumGaps = 10_000
    /// The columns of a file of this library.
    public static let columnNames = [
        "frame_id", "segment", "pulse_id", "status", "missing_packets", "detector_timestamp", "received_at",
        "chain_revision",
    ]

    /// Looks for gaps.
    ///
    /// - Parameter storedStep: difference of consecutive ids; where nobody tells it, the smallest one is taken.
    init(columns: [String: [UInt64]], step storedStep: UInt64?) {
        self.columns = columns
        self.storedStep = storedStep
        for status in columns["status"] ?? [] { statusCounts[status, default: 0] += 1 }
        let ids = columns["frame_id"] ?? []
        let segments = columns["segment"] ?? []
        let step = max(1, storedStep ?? zip(ids.dropFirst(), ids).compactMap { $0 > $1 ? $0 - $1 : nil }.min() ?? 1)
        for row in ids.indices.dropFirst() {
            let segment = row < segments.count ? segments[row] : 0
            guard row >= segments.count || segment == segments[row - 1] else { continue }
            guard ids[row] > ids[row - 1] else {
                disorder += 1
                continue
            }
            let lacking = (ids[row] - ids[row - 1] - 1) / step
            guard lacking > 0 else { continue }
            // Damaged files may hold any ids.
            missingImages = missingImages.addingReportingOverflow(lacking).partialValue
            if gaps.count < Self.maximumGaps {
                gaps.append(
                    Gap(
                        segment: UInt32(clamping: segment), first: ids[row - 1] + step,
                        last: ids[row - 1] + lacking * step, count: lacking))
            }
        }
    }
}

extension HDF5ImageFile {
    /// Reads the columns that stand beside the image stack; ids of std-daq files become `frame_id`.
    ///
    /// Columns that are absent, or have another number of rows than there are images, are left out.
    public func index() throws(HDF5Error) -> ImageIndex {
        let group = stackPath.lastIndex(of: "/").map { String(stackPath[...$0]) } ?? ""
        var columns: [String: [UInt64]] = [:]
        var step: UInt64?
        for name in ImageIndex.columnNames where root.contains(group + name) {
            let column = try HDF5Dataset(opening: group + name, in: root)
            guard try column.shape() == [imageCount], case .integer = try column.elementType() else { continue }
            columns[name] = try column.readAll(UInt64.self)
            if name == "frame_id" { step = column.attribute("step", as: UInt64.self) }
        }
        if columns["frame_id"] == nil, let ids = try stdDAQColumn("image_id", in: group) {
            columns["frame_id"] = ids
            if columns["status"] == nil { columns["status"] = try stdDAQColumn("status", in: group) }
        }
        return ImageIndex(columns: columns, step: step)
    }

    /// A column of a file of std-daq, which has them as members of `metadata`, or in older files as datasets.
    private func stdDAQColumn(_ name: String, in group: String) throws(HDF5Error) -> [UInt64]? {
        if root.contains(group + "metadata") {
            let metadata = try HDF5Dataset(opening: group + "metadata", in: root)
            guard try metadata.shape() == [imageCount] else { return nil }
            return try metadata.readMember(name)
        }
        guard root.contains(group + name) else { return nil }
        let column = try HDF5Dataset(opening: group + name, in: root)
        guard try column.shape() == [imageCount], case .integer = try column.elementType() else { return nil }
        return try column.readAll(UInt64.self)
    }
}
