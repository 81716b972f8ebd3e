import CDAQHDF5
import CDAQZlib
import Glibc

/// What reading back a whole file has shown.
public struct FileVerification: Sendable, Equatable {
    /// Something that is not as it should be.
    public struct Problem: Sendable, Equatable {
        /// Position of the image; `nil` for the file as a whole.
        public var image: Int?
        /// What is wrong.
        public var reason: String
    }

    /// The most problems that are listed.
    public static let maximumProblems = 100

    /// Images in the file.
    public var images = 0
    /// Bytes of pixels that were read back.
    public var bytes = 0
    /// CRC-32 of the pixels of every image, as they are after decompression, in the byte order of this machine.
    public var checksums: [UInt32] = []
    /// CRC-32 of all pixels, one image after another: the same for a copy, and however the images are compressed or split.
    public var checksum: UInt32 = 0
    /// Files that hold the pixels, when they are not in this one.
    public var sources: [String] = []
    /// What is wrong, at most ``maximumProblems``.
    public var problems: [Problem] = []
    /// How many things are wrong.
    public var problemCount = 0

    /// Whether everything could be read back.
    public var isGood: Bool { problemCount == 0 }

    mutating func add(_ reason: String, image: Int? = nil) {
        problemCount += 1
        if problems.count < Self.maximumProblems { problems.append(Problem(image: image, reason: reason)) }
    }
}

extension HDF5ImageFile {
    /// Reads back every chunk of the file, and of the files it shows.
    ///
    /// The library shows the fill value, without an error, for chunks that were never written and for files that are missing;
    /// both are looked for.
    ///
    /// - Parameter progress: told the number of images read so far.
    public func verify(progress: (Int) -> Void = { _ in }) throws(HDF5Error) -> FileVerification {
        var result = FileVerification()
        result.images = imageCount
        let isVirtual = try stack.isVirtual()
        if isVirtual {
            var looked: [String] = []
            try verifySources(&result, [path], &looked)
        }
        for image in 0..<imageCount {
            do throws(HDF5Error) {
                if !isVirtual { try checkStored(image) }
                let bytes = try bytes(ofImage: image)
                result.bytes += bytes.count
                let checksum = bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
                result.checksums.append(checksum)
                result.checksum = UInt32(
                    truncatingIfNeeded: crc32_combine(uLong(result.checksum), uLong(checksum), off_t(bytes.count)))
            } catch {
                result.checksums.append(0)
                result.add("\(error)", image: image)
            }
            progress(image + 1)
        }
        try verifyRows(&result)
        return result
    }

    /// Looks for every chunk that begins with an image.
    private func checkStored(_ image: Int) throws(HDF5Error) {
        guard let chunk = chunk?.map({ max(1, $0) }), chunk.count == 3, image.isMultiple(of: chunk[0]) else { return }
        for y in stride(from: 0, to: height, by: chunk[1]) {
            for x in stride(from: 0, to: width, by: chunk[2]) { try stack.requireChunk(at: [image, y, x]) }
        }
    }

    /// Looks into the files that this one shows, and into those that they show.
    ///
    /// - Parameters:
    ///   - above: the files through which it was found, and itself.
    ///   - looked: files that were looked into, which gets longer.
    private func verifySources(
        _ result: inout FileVerification, _ above: [String], _ looked: inout [String]
    ) throws(HDF5Error) {
        var rows: [String: Int] = [:]
        // A dot is the file itself.
        for source in try stack.virtualSources() where source.file != "." {
            rows[source.file] = max(rows[source.file] ?? 0, source.rows)
        }
        for (name, rows) in rows.sorted(by: { NumericOrder.precedes($0.key, $1.key) }) {
            let path = name.hasPrefix("/") ? name : PartNames(path).directory + name
            if above.count == 1 || !looked.contains(path) { result.sources.append(above.count == 1 ? name : path) }
            do throws(HDF5Error) {
                let source = try HDF5ImageFile(path: path)
                guard source.imageCount >= rows else {
                    throw HDF5Error(
                        .damaged, operation: "show \(rows) images of", path: path, detail: "it has \(source.imageCount)")
                }
                guard !above.contains(where: { FilePath.isSame($0, path) }), above.count < 32 else {
                    throw HDF5Error(.damaged, operation: "show the images of", path: path, detail: "it shows itself")
                }
                guard !looked.contains(path) else { continue }
                looked.append(path)
                guard try !source.stack.isVirtual() else {
                    try source.verifySources(&result, above + [path], &looked)
                    continue
                }
                for image in 0..<source.imageCount { try source.checkStored(image) }
            } catch { result.add("\(error)") }
        }
    }

    private func verifyRows(_ result: inout FileVerification) throws(HDF5Error) {
        let group = stackPath.lastIndex(of: "/").map { String(stackPath[...$0]) } ?? ""
        for name in ImageIndex.columnNames where root.contains(group + name) {
            let rows = try HDF5Dataset(opening: group + name, in: root).shape().first ?? 0
            if rows != imageCount { result.add("\(name) has \(rows) rows for \(imageCount) images") }
        }
        let index = try index()
        if index.disorder > 0 { result.add("ids do not ascend at \(index.disorder) places") }
    }
}
