import DAQCore

/// The groups and datasets of an image file, and the rows that wait for them.
struct ImageStack: ~Copyable {
    private let entry: HDF5Group
    private let images: HDF5Dataset
    private let imageShape: [Int]
    private var columns: ImageColumns
    private var missing: MissingPacketTable
    private var annotations: AnnotationColumns

    /// Images stored.
    private(set) var count = 0
    /// What went wrong after an image was stored.
    private var deferred: HDF5Error?
    /// About how much waits in memory.
    private(set) var waitingBytes = 0

    /// Creates the layout that docs/file-format.md describes.
    init(in root: consuming HDF5Group, run: RunDescription, configurationText: String?) throws(HDF5Error) {
        let configuration = run.configuration
        try root.setAttribute("default", "entry")
        let entry = try root.makeGroup("entry", class: "NXentry")
        try entry.setAttribute("default", "data")
        try entry.write(configuration.name, to: "title")
        try entry.write(UTCTime.now(), to: "start_time")
        let program = try entry.write(PackageVersion.name, to: "program_name")
        try program.setAttribute("version", PackageVersion.number)

        let data = try entry.makeGroup("data", class: "NXdata")
        try data.setAttribute("signal", "data")
        try data.setAttribute("axes", ["frame_id", ".", "."])
        try data.setAttribute("frame_id_indices", Int32(0))
        let imageShape = [run.format.height, run.format.width]
        // A row that could not be written shows what a missing pixel shows.
        var fill = configuration.missingValue.bits(as: run.format.pixelType) ?? 0
        let images = try HDF5Dataset(
            growing: "data", in: data, type: run.format.pixelType.hdf5Type, row: imageShape, chunkRows: 1, fill: &fill)
        try images.setAttribute("interpretation", "image")
        let columns = try ImageColumns(in: data, idStep: configuration.imageIDStep)
        let missing = try MissingPacketTable("missing_packet_ranges", in: entry)
        let annotations = try entry.makeGroup("annotations", class: "NXcollection")

        let instrument = try entry.makeGroup("instrument", class: "NXinstrument")
        try instrument.write(configuration.name, to: "name")
        let detector = try instrument.makeGroup("detector", class: "NXdetector")
        try detector.write(configuration.name, to: "local_name")
        try detector.write(configuration.type.rawValue, to: "description")
        if let configurationText { try detector.write(configurationText, to: "configuration") }
        try detector.link("data", to: "/entry/data/data")

        self.entry = entry
        self.images = images
        self.imageShape = imageShape
        self.columns = columns
        self.missing = missing
        self.annotations = AnnotationColumns(in: annotations)
    }

    /// Whether as much waits as should: a block of rows, or well below ``FileSpace/reserve``.
    var isBlockFull: Bool { columns.waiting >= Column<UInt64>.blockRows || waitingBytes >= 512 << 10 }
    /// Annotations that were not stored.
    var droppedAnnotations: UInt64 { annotations.dropped }

    /// Stores the pixels of an image, and keeps the rest of it until ``flush()``, which also tells of failures with the rest.
    ///
    /// - Throws: when the pixels could not be stored; the stack is then as it was before.
    mutating func append(_ image: Image) throws(HDF5Error) {
        let row = count
        try images.resize(to: row + 1, row: imageShape)
        do throws(HDF5Error) {
            // `withUnsafeBytes` hands on any error as it is, but not its type.
            let failure: HDF5Error? = image.withBytes { span in
                span.withUnsafeBytes { bytes in
                    do throws(HDF5Error) {
                        try images.writeChunk(bytes, at: row, rank: 3)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            if let failure { throw failure }
        } catch {
            try? images.resize(to: row, row: imageShape)
            throw error
        }
        count += 1
        let metadata = image.metadata
        columns.append(metadata)
        missing.append(metadata.missing, image: row)
        waitingBytes += ImageColumns.rowBytes + metadata.missingPackets * MissingPacketTable.rowBytes
        for annotation in metadata.annotations {
            waitingBytes += 16
            if case .text(let text) = annotation.value { waitingBytes += text.utf8.count }
        }
        do throws(HDF5Error) { try annotations.append(metadata.annotations, row: row) } catch { deferred = error }
    }

    /// Writes everything that waits, each part even if another fails.
    mutating func flush() throws(HDF5Error) {
        var failure = deferred
        deferred = nil
        do throws(HDF5Error) { try columns.flush() } catch { failure = failure ?? error }
        do throws(HDF5Error) { try missing.flush() } catch { failure = failure ?? error }
        do throws(HDF5Error) { try annotations.flush(rows: count) } catch { failure = failure ?? error }
        if let failure { throw failure }
        waitingBytes = 0
    }

    /// Writes the time of the end.
    func finish() throws(HDF5Error) { try entry.write(UTCTime.now(), to: "end_time") }
}
