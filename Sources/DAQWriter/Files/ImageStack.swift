import CDAQHDF5
import DAQCore

/// The groups and datasets of an image file, and the rows that wait for them.
final class ImageStack {
    private let root: HDF5Group
    private let endTimePath: String?
    /// The time of the end, empty until then, where nothing can be added when it comes.
    private let endTime: FixedText?
    private let images: HDF5Dataset
    private let imageShape: [Int]
    private let rows: [any ImageRows]
    private let annotations: AnnotationColumns?
    private let direct: DirectChunks?

    /// Images stored.
    private(set) var count = 0
    /// What went wrong after an image was stored.
    private var deferred: HDF5Error?
    /// Rows that wait in memory.
    private var waitingRows = 0
    /// The same in bytes, without annotations.
    private var waitingRowBytes = 0

    /// Creates the layout of a format.
    ///
    /// - Parameter direct: where pixels go past the page cache; `nil` when they do not.
    init(
        in root: consuming HDF5Group, _ contents: FileContents, _ options: FileOptions, direct: DirectChunks?
    ) throws(HDF5Error) {
        for (name, value) in options.format.rootAttributes { try root.setAttribute(name, value) }
        var builder = ImageStackBuilder(contents, options, early: direct != nil)
        for node in options.format.nodes(for: contents) { try builder.add(node, to: root) }
        guard let images = builder.images.take() else { preconditionFailure("a format without images") }
        self.images = images
        imageShape = [contents.format.height, contents.format.width]
        rows = builder.rows
        annotations = builder.annotations
        endTimePath = options.format.endTimePath
        endTime =
            if options.mode == .swmr, let endTimePath {
                try FixedText(endTimePath, in: root, bytes: contents.startTime.utf8.count)
            } else {
                nil
            }
        self.direct = direct
        self.root = root
    }

    /// Whether as much waits as should: a block of rows, or well below ``FileSpace/reserve``.
    var isBlockFull: Bool { waitingRows >= Column.blockRows || waitingBytes >= 512 << 10 }
    /// About how much waits in memory.
    var waitingBytes: Int { waitingRowBytes + (annotations?.waitingBytes ?? 0) }
    /// Annotations that were not stored.
    var droppedAnnotations: UInt64 { annotations?.dropped ?? 0 }
    /// No new annotations are stored from now on.
    func freeze() { annotations?.isFrozen = true }

    /// Stores an image's chunk, and keeps the rest of it until ``flush()``, which also tells of failures with the rest.
    ///
    /// - Throws: when the chunk could not be stored; the stack is then as it was before.
    func append(_ metadata: borrowing ImageMetadata, _ chunk: ImageChunk) throws(HDF5Error) {
        let row = count
        if let direct {
            try direct.write(chunk.bytes, at: row, to: images, imageShape)
        } else {
            try images.resize(to: row + 1, row: imageShape)
            do throws(HDF5Error) {
                try images.writeChunk(chunk.bytes, at: row, rank: 3, filterMask: chunk.filterMask)
            } catch {
                try? images.resize(to: row, row: imageShape)
                throw error
            }
        }
        count += 1
        waitingRows += 1
        waitingRowBytes += 8 * ImageColumn.allCases.count
        if metadata.status != .good { waitingRowBytes += metadata.missingPackets * MissingPacketTable.rowBytes }
        for rows in rows {
            do throws(HDF5Error) { try rows.append(metadata, row: row) } catch { deferred = error }
        }
    }

    /// Writes everything that waits, each part even if another fails.
    func flush() throws(HDF5Error) {
        var failure = deferred
        deferred = nil
        for rows in rows {
            do throws(HDF5Error) { try rows.flush(rows: count) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        waitingRows = 0
        waitingRowBytes = 0
    }

    /// Gives back space for images that did not come.
    func trim() throws(HDF5Error) {
        if direct != nil { try images.resize(to: count, row: imageShape) }
    }

    /// Writes the time of the end.
    func finish() throws(HDF5Error) {
        if let endTime {
            try endTime.write(UTCTime.now())
        } else if let endTimePath {
            try root.write(UTCTime.now(), to: endTimePath)
        }
    }
}
