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
        if isVirtual { try verifySources(&result) }
        for image in 0..<imageCount {
            do throws(HDF5Error) {
                if !isVirtual, chunk?.first == 1 { _ = try stack.storedChunk(of: image, rank: 3) }
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

    private func verifySources(_ result: inout FileVerification) throws(HDF5Error) {
        for name in try stack.virtualSources() where !result.sources.contains(name) {
            result.sources.append(name)
            let path = name.hasPrefix("/") ? name : PartNames(path).directory + name
            do throws(HDF5Error) {
                let source = try HDF5ImageFile(path: path)
                guard source.chunk?.first == 1 else { continue }
                for image in 0..<source.imageCount { _ = try source.stack.storedChunk(of: image, rank: 3) }
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

extension HDF5Dataset {
    /// The files whose pixels a virtual dataset shows, as it calls them.
    func virtualSources() throws(HDF5Error) -> [String] {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        var count = 0
        try HDF5.check("read the layout of", path, H5Pget_virtual_count(creation.id, &count))
        var names: [String] = []
        for index in 0..<min(count, 1 << 20) {
            var bytes = [CChar](repeating: 0, count: 4096)
            try HDF5.check("read the layout of", path, H5Pget_virtual_filename(creation.id, index, &bytes, bytes.count - 1))
            names.append(VirtualName.unescaped(HDF5Values.text(bytes)))
        }
        return names
    }
}
