/// One file that shows the images of several: of the parts of a run, or of several writers that shared one.
public struct GatheredFile: Sendable, Equatable {
    /// The file.
    public var path: String
    /// Images it shows.
    public var images: Int
    /// Whether the images stand in the order of segment and id; otherwise, as files without ids do, one file after another.
    public var isSorted: Bool
    /// Ids between the first and the last one of a segment that no file has.
    public var missingImages: UInt64

    /// Creates the file.
    ///
    /// Pixels stay where they are: all files have to be moved together.
    ///
    /// - Parameters:
    ///   - path: the file to create.
    ///   - files: the files to show, of this library or of std-daq; those without ids are taken in the order of the numbers
    ///     in their names.
    ///   - progress: called whenever something was achieved.
    /// - Throws: ``HDF5Error`` when a file has no images, the files do not fit together, or two have the same image.
    public init(
        creating path: String, from files: [String], overwrite: Bool = false, progress: () -> Void = {}
    ) throws(HDF5Error) {
        try FilePath.checkCreatable(path, overwrite: overwrite)
        let directory = PartNames(path).directory
        var sources: [SourceFile] = []
        for file in files.sorted(by: NumericOrder.precedes) {
            guard !FilePath.isSame(file, path), !FilePath.isSame(file, PartNames(path).newPath) else {
                throw HDF5Error(
                    .mismatch, operation: "gather", path: path, detail: "a file cannot show itself", advice: "choose another name"
                )
            }
            // Relative where it can be, so that the directory can be moved.
            let isBeside = directory.isEmpty ? !file.hasPrefix("/") : file.utf8.starts(with: directory.utf8)
            let below = file.utf8.dropFirst(directory.utf8.count).drop { $0 == UInt8(ascii: "/") }
            let name = isBeside ? String(decoding: below, as: UTF8.self) : FilePath.absolute(file)
            sources.append(try SourceFile(scanning: file, name: name))
            progress()
        }
        let (keys, step) = try Self.keys(of: sources, progress)
        let order: ImageOrder
        if let keys {
            do throws(ImageOrder.Duplicate) {
                order = try ImageOrder(sorting: keys)
            } catch {
                throw HDF5Error(
                    .mismatch, operation: "gather", path: path,
                    detail: "image \(error.id) (segment \(error.segment)) is in \(sources[error.sources.0].path) and in "
                        + sources[error.sources.1].path, advice: "give each image once")
            }
        } else {
            order = ImageOrder(appending: sources.map(\.images))
        }
        let names = PartNames(path)
        try VirtualFile.write(to: names.newPath, sources: sources, order: order, progress: progress)
        try Publishing.publish(names.newPath, as: path, replacing: overwrite)
        self.path = path
        images = order.images
        isSorted = keys != nil
        missingImages = Self.missing(in: keys ?? [], step: step)
    }

    /// Segment and id of every image of every file, `nil` when a file has none; and the distance of ids, if a file tells it.
    private static func keys(
        of sources: [SourceFile], _ progress: () -> Void
    ) throws(HDF5Error) -> (keys: [[Key]]?, step: UInt64?) {
        var result: [[Key]] = []
        var step: UInt64?
        for source in sources {
            let index = try HDF5ImageFile(path: source.path).index()
            guard let ids = index.columns["frame_id"] else { return (nil, nil) }
            let segments = index.columns["segment"] ?? ids.map { _ in 0 }
            progress()
            result.append(zip(segments, ids).map { ($0, $1) })
            step = step ?? index.storedStep
        }
        return (result, step)
    }

    private typealias Key = (segment: UInt64, id: UInt64)

    /// How many ids lie between those that are there.
    private static func missing(in keys: [[Key]], step: UInt64?) -> UInt64 {
        let all = keys.joined().sorted { ($0.segment, $0.id) < ($1.segment, $1.id) }
        let distances = zip(all.dropFirst(), all).compactMap { $0.segment == $1.segment ? $0.id - $1.id : nil }
        // Where nobody tells the step, the smallest distance is it.
        guard let step = step ?? distances.min(), step > 0 else { return 0 }
        // Damaged files may hold any ids.
        return distances.reduce(0) { $0.addingReportingOverflow(max(1, $1 / step) - 1).partialValue }
    }
}

/// Order of file names by the numbers in them: part 10 follows part 9.
enum NumericOrder {
    /// Whether a name comes before another.
    static func precedes(_ first: String, _ second: String) -> Bool {
        var (a, b) = (Array(first.utf8)[...], Array(second.utf8)[...])
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        while let left = a.first, let right = b.first {
            if isDigit(left), isDigit(right) {
                let x = a.prefix(while: isDigit).drop { $0 == 0x30 }
                let y = b.prefix(while: isDigit).drop { $0 == 0x30 }
                if x.count != y.count { return x.count < y.count }
                if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
                a = a.drop(while: isDigit)
                b = b.drop(while: isDigit)
            } else {
                if left != right { return left < right }
                a = a.dropFirst()
                b = b.dropFirst()
            }
        }
        return a.count < b.count
    }
}
