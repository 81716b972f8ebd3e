import CDAQHDF5

/// Makes the library's descriptions of shapes.
enum HDF5Dataspace {
    /// A shape; no dimensions mean a single value.
    ///
    /// - Parameter growing: whether the first dimension may grow.
    static func make(_ shape: [Int], growing: Bool = false, _ path: String) throws(HDF5Error) -> HDF5Handle {
        guard !shape.isEmpty else {
            return try HDF5Handle("describe the shape of", path, closing: H5Sclose, H5Screate(H5S_SCALAR))
        }
        let current = shape.map { hsize_t($0) }
        var maximum = current
        if growing { maximum[0] = cdaq_h5s_unlimited() }
        return try HDF5Handle(
            "describe the shape of", path, closing: H5Sclose, H5Screate_simple(Int32(shape.count), current, maximum))
    }
}

/// An open dataset.
struct HDF5Dataset: ~Copyable {
    /// One value of a type of the library.
    struct Fill {
        let bytes: [UInt8]
        let type: hid_t

        /// The low bytes of a number.
        init(_ number: some BitwiseCopyable, type: hid_t) {
            bytes = withUnsafeBytes(of: number) { Array($0) }
            self.type = type
        }
    }

    let handle: HDF5Handle
    /// The file, then the path in it after a colon.
    let path: String

    /// Creates a dataset of fixed shape.
    init(creating name: String, in group: borrowing HDF5Group, type: hid_t, shape: [Int]) throws(HDF5Error) {
        let path = group.path(of: name)
        let space = try HDF5Dataspace.make(shape, path)
        handle = try HDF5Handle(
            "create", path, closing: H5Dclose,
            H5Dcreate2(group.handle.id, name, type, space.id, HDF5.defaults, HDF5.defaults, HDF5.defaults))
        self.path = path
    }

    /// Creates an empty dataset whose first dimension grows.
    ///
    /// - Parameters:
    ///   - row: the dimensions after the first.
    ///   - chunkRows: rows stored together.
    ///   - fill: what rows show that were never written; `nil` for 0.
    ///   - filter: how the chunks are compressed that are written; `nil` when they are not.
    ///   - early: whether the file has space for rows as soon as the dataset has them; what is there until they are written
    ///     is anything.
    init(
        growing name: String, in group: borrowing HDF5Group, type: hid_t, row: [Int] = [], chunkRows: Int,
        fill: Fill? = nil, filter: ChunkFilter? = nil, early: Bool = false
    ) throws(HDF5Error) {
        let path = group.path(of: name)
        let space = try HDF5Dataspace.make([0] + row, growing: true, path)
        let creation = try HDF5Handle("create", path, closing: H5Pclose, H5Pcreate(cdaq_h5p_dataset_create()))
        let chunk = ([chunkRows] + row).map { hsize_t($0) }
        try HDF5.check("create", path, H5Pset_chunk(creation.id, Int32(chunk.count), chunk))
        if let fill { try HDF5.check("create", path, H5Pset_fill_value(creation.id, fill.type, fill.bytes)) }
        if let filter {
            try HDF5Filter.register(filter, path)
            try HDF5.check(
                "create", path,
                H5Pset_filter(
                    creation.id, filter.identifier, UInt32(H5Z_FLAG_MANDATORY), filter.parameters.count, filter.parameters))
        }
        if early {
            try HDF5.check("create", path, H5Pset_alloc_time(creation.id, H5D_ALLOC_TIME_EARLY))
            try HDF5.check("create", path, H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER))
        }
        handle = try HDF5Handle(
            "create", path, closing: H5Dclose,
            H5Dcreate2(group.handle.id, name, type, space.id, HDF5.defaults, creation.id, HDF5.defaults))
        self.path = path
    }

    /// Opens a dataset by its path in the file.
    init(opening name: String, in group: borrowing HDF5Group) throws(HDF5Error) {
        let path = group.path(of: name)
        handle = try HDF5Handle("open", path, closing: H5Dclose, H5Dopen2(group.handle.id, name, HDF5.defaults))
        self.path = path
    }

    /// Sets an attribute.
    func setAttribute(_ name: String, _ value: FileAttribute) throws(HDF5Error) {
        try HDF5Attribute.write(value, to: name, of: handle.id, path)
    }

    /// Sets the number of rows.
    func resize(to rows: Int, row: [Int] = []) throws(HDF5Error) {
        try HDF5.check("resize", path, H5Dset_extent(handle.id, ([rows] + row).map { hsize_t($0) }))
    }

    /// Writes all values at once, as many as the dataset holds.
    func write(_ values: UnsafeRawPointer?, type: hid_t) throws(HDF5Error) {
        try HDF5.check("write", path, H5Dwrite(handle.id, type, HDF5.all, HDF5.all, HDF5.defaults, values))
    }

    /// Writes one chunk as it is, past the library's buffers, without a copy.
    ///
    /// - Parameter filterMask: a bit for each filter that was not applied to these bytes.
    /// - Precondition: the bytes are a whole chunk, `row` is inside the dataset and the first of a chunk.
    func writeChunk(
        _ bytes: UnsafeRawBufferPointer, at row: Int, rank: Int, filterMask: UInt32 = 0
    ) throws(HDF5Error) {
        var offset = [hsize_t](repeating: 0, count: rank)
        offset[0] = hsize_t(row)
        try HDF5.check(
            "write image \(row) to", path,
            H5Dwrite_chunk(handle.id, HDF5.defaults, filterMask, offset, bytes.count, bytes.baseAddress))
    }

    /// Appends rows to a dataset of one dimension; after a failure it has the rows it had before.
    ///
    /// - Precondition: `values` points to `count` values of `type`; the dataset has `start` rows.
    func append(_ values: UnsafeRawPointer?, count: Int, type: hid_t, at start: Int) throws(HDF5Error) {
        guard count > 0 else { return }
        try resize(to: start + count)
        do throws(HDF5Error) {
            let box = try select([start], [count])
            try HDF5.check("append to", path, H5Dwrite(handle.id, type, box.memory.id, box.file.id, HDF5.defaults, values))
        } catch {
            try? resize(to: start)
            throw error
        }
    }

    /// A box of a dataset.
    struct Box: ~Copyable {
        /// The box within the dataset.
        let file: HDF5Handle
        /// Memory that holds just the box.
        let memory: HDF5Handle
    }

    /// Describes a box of the dataset.
    func select(_ start: [Int], _ count: [Int]) throws(HDF5Error) -> Box {
        let file = try HDF5Handle("select in", path, closing: H5Sclose, H5Dget_space(handle.id))
        try HDF5.check(
            "select in", path,
            H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start.map { hsize_t($0) }, nil, count.map { hsize_t($0) }, nil))
        return Box(file: file, memory: try HDF5Dataspace.make(count, path))
    }
}

extension HDF5Dataset {
    /// Where the chunk that begins with a row is in the file, and how many bytes it has there.
    ///
    /// - Throws: also when the chunk was never written.
    func storedChunk(of row: Int, rank: Int) throws(HDF5Error) -> (address: UInt64, bytes: UInt64) {
        try storedChunk(at: [row] + Array(repeating: 0, count: rank - 1))
    }

    /// The same of the chunk that begins with an element.
    func storedChunk(at element: [Int]) throws(HDF5Error) -> (address: UInt64, bytes: UInt64) {
        let offset = element.map { hsize_t($0) }
        let row = element[0]
        var mask: UInt32 = 0
        var address: haddr_t = 0
        var size: hsize_t = 0
        try HDF5.check(
            "find image \(row) in", path, H5Dget_chunk_info_by_coord(handle.id, offset, &mask, &address, &size))
        guard address != haddr_t.max else {
            throw HDF5Error(.damaged, operation: "find image \(row) in", path: path, detail: "its pixels were never written")
        }
        return (UInt64(address), UInt64(size))
    }
}
