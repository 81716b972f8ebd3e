import CDAQHDF5

/// A file that a virtual data set shows: which datasets grow with its images, and how many rows they have.
struct SourceFile: Sendable {
    /// A dataset with a row for each image, or for some of them.
    struct Rows: Sendable, Equatable {
        /// Path without a leading slash.
        var path: String
        var count: Int
        /// The dimensions after the first.
        var shape: [Int]
    }

    /// Where it is.
    let path: String
    /// How the virtual dataset calls it.
    let name: String
    /// Images in it.
    let images: Int
    /// Where the pixels are.
    let stackPath: String
    let rows: [Rows]

    /// Looks into a file.
    ///
    /// - Parameter name: its name in virtual datasets: relative to them, so that all files can be moved together.
    init(scanning path: String, name: String) throws(HDF5Error) {
        let file = try HDF5File(reading: path)
        let root = try file.root()
        var shapes: [(String, [Int])] = []
        try HDF5Structure.walk(root) { shapes.append(($0, $1)) }
        var rows: [Rows] = []
        for (path, shape) in shapes where !shape.isEmpty {
            guard try HDF5Dataset(opening: path, in: root).grows() else { continue }
            rows.append(Rows(path: path, count: shape[0], shape: Array(shape.dropFirst())))
        }
        guard let stack = rows.first(where: { $0.shape.count == 2 }) else {
            throw HDF5Error(
                .notFound, operation: "find images in", path: path,
                detail: "no dataset of three dimensions grows with the images",
                advice: "only files of this program can be put together")
        }
        self.path = path
        self.name = name
        self.rows = rows
        images = stack.count
        stackPath = stack.path
    }
}

extension HDF5Dataset {
    /// Whether the dataset has rows that come one after another: its first dimension may grow, or it shows other datasets.
    func grows() throws(HDF5Error) -> Bool {
        let space = try HDF5Handle("read the shape of", path, closing: H5Sclose, H5Dget_space(handle.id))
        let rank = try HDF5.check("read the shape of", path, H5Sget_simple_extent_ndims(space.id))
        guard rank > 0 else { return false }
        var dimensions = [hsize_t](repeating: 0, count: Int(rank))
        var maximum = dimensions
        try HDF5.check("read the shape of", path, H5Sget_simple_extent_dims(space.id, &dimensions, &maximum))
        if maximum[0] == cdaq_h5s_unlimited() { return true }
        return try isVirtual()
    }
}
