import DAQCore
import CDAQHDF5
import Glibc

/// Makes one file whole whose writer did not close it.
enum FileSalvage {
    /// Whether a file's writer has not closed it, so that the library refuses to open it.
    ///
    /// Bytes 8 and 11 of a file are the version of its superblock and, from version 3 on, the marks of its writer.
    static func isMarkedOpen(_ path: String) -> Bool {
        guard let header = header(of: path) else { return false }
        return header[8] >= 3 && header[11] & 0b101 != 0
    }

    /// Cuts a file to the images of which everything is there, and closes it properly.
    ///
    /// - Returns: how many images that are.
    static func complete(_ path: String) throws(HDF5Error) -> Int {
        try FilePath.checkReadable(path)
        guard let header = header(of: path) else {
            throw HDF5Error(.notHDF5, operation: "recover", path: path, detail: "it does not begin like an HDF5 file")
        }
        let mode: FileMode = header[8] >= 3 ? .swmr : .safe
        let images: Int
        do {
            let file = try HDF5File(changing: path, mode: mode, clearing: true)
            // Images may lie beyond the end that the file knew when it was flushed last.
            try HDF5.check("recover", path, H5Fincrement_filesize(file.handle.id, 0))
            images = try cut(file)
            try file.close()
        }
        try Publishing.synchronize(path)
        return images
    }

    private static func cut(_ file: borrowing HDF5File) throws(HDF5Error) -> Int {
        let root = try file.root()
        var reader = HDF5StructureReader()
        let tree = try reader.read(root, name: "/")
        if let path = tree.firstUnreadable() {
            throw HDF5Error(
                .damaged, operation: "recover", path: file.path, detail: "\(path) cannot be read",
                advice: "its writer was killed while it stored just that")
        }
        var growing: [(path: String, shape: [Int])] = []
        for (path, shape) in tree.datasets() where !shape.isEmpty {
            let dataset = try HDF5Dataset(opening: path, in: root)
            guard try dataset.grows() else { continue }
            growing.append((path, shape))
            if shape.count != 3 { try dataset.readThrough() }
        }
        guard let stack = growing.first(where: { $0.shape.count == 3 }) else {
            throw HDF5Error(.notFound, operation: "recover images from", path: file.path, detail: "there is no dataset of images")
        }
        // The list of missing packets has rows of its own.
        let perImage = growing.filter { !$0.path.hasSuffix("missing_packet_ranges") }
        var images = perImage.map { $0.shape[0] }.min() ?? 0
        let dataset = try HDF5Dataset(opening: stack.path, in: root)
        let end = try size(of: file.path)
        images = (0..<images).first { dataset.storedBytes(of: $0, rank: 3) == nil } ?? images
        // Chunks lie in the file as they were written, one row after another: so not each has to be asked for its place.
        var whole = 0
        while whole < images {
            let middle = (whole + images) / 2
            if dataset.hasChunk(of: middle, rank: 3, before: end) { whole = middle + 1 } else { images = middle }
        }
        for (path, shape) in perImage where shape[0] != images {
            try HDF5Dataset(opening: path, in: root).resize(to: images, row: Array(shape.dropFirst()))
        }
        return images
    }

    private static func size(of path: String) throws(HDF5Error) -> UInt64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw HDF5Error(system: errno, operation: "look at", path: path) }
        return UInt64(status.st_size)
    }

    private static func header(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 12)
        guard fread(&bytes, 1, bytes.count, file) == bytes.count else { return nil }
        return Array(bytes[..<8]) == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A] ? bytes : nil
    }
}
