import CDAQHDF5

/// A file that shows the images of others as one: everything that grows is a virtual dataset, the rest a copy of what the
/// first file has.
enum VirtualFile {
    /// Creates the file; the time of the end is that of the last file.
    ///
    /// - Parameter progress: called whenever something was achieved.
    static func write(
        to path: String, sources: [SourceFile], order: ImageOrder, ownership: ResolvedOwnership? = nil, progress: () -> Void = {}
    ) throws(HDF5Error) {
        guard let first = sources.first, let last = sources.last else {
            throw HDF5Error(.mismatch, operation: "create", path: path, detail: "there is no file to show")
        }
        try FileSpace.provideForNew(path)
        let file = try HDF5File(creating: path, overwrite: true)
        do throws(HDF5Error) {
            try file.give(to: ownership)
            let root = try file.root()
            let source = try HDF5File(reading: first.path)
            let sourceRoot = try source.root()
            try HDF5Copy.attributes(of: sourceRoot.handle.id, to: root.handle.id, root.path)
            let growing = Set(sources.flatMap { $0.rows.map(\.path) })
            try HDF5Copy.members(of: sourceRoot, to: root, prefix: "", leavingOut: growing)
            if last.path != first.path { try copyEndTime(from: last, to: root) }
            for path in growing.sorted() { try add(path, to: root, sources, order, progress) }
            try file.flush()
        } catch {
            // Closing would try again to store what found no place, and crash.
            file.abandon()
            FilePath.remove(path)
            throw error
        }
        try file.close()
    }

    private static func copyEndTime(from source: SourceFile, to root: borrowing HDF5Group) throws(HDF5Error) {
        let name = "entry/end_time"
        let file = try HDF5File(reading: source.path)
        let other = try file.root()
        if root.contains("entry"), root.contains(name) { try root.remove(name) }
        guard other.contains("entry"), other.contains(name) else { return }
        try HDF5Copy.object(name, from: other, to: root)
    }

    private static func add(
        _ path: String, to root: borrowing HDF5Group, _ sources: [SourceFile], _ order: ImageOrder,
        _ progress: () -> Void
    ) throws(HDF5Error) {
        let holders = sources.map { source in source.rows.first { $0.path == path } }
        guard let owner = holders.firstIndex(where: { $0 != nil }), let rows = holders[owner] else { return }
        for (index, other) in holders.enumerated() {
            guard let other, other.shape != rows.shape else { continue }
            throw HDF5Error(
                .mismatch, operation: "put together", path: "\(sources[index].path):/\(path)",
                detail: "a row has the shape \(other.shape), in \(sources[owner].path) \(rows.shape)",
                advice: "these files are not of one run")
        }
        // Datasets with other numbers of rows than images, such as lists of what is missing, stand one after another.
        let followsImages = zip(sources, holders).allSatisfy { $1 == nil || $1?.count == $0.images }
        let order = followsImages ? order : ImageOrder(appending: holders.map { $0?.count ?? 0 })

        let file = try HDF5File(reading: sources[owner].path)
        let original = try HDF5Dataset(opening: path, in: file.root())
        let type = try HDF5Handle("read the type of", original.path, closing: H5Tclose, H5Dget_type(original.handle.id))
        let creation = try HDF5Copy.fillValue(of: original, type: type.id)
        let shape = [order.images] + rows.shape
        // Without anything to show it is a dataset of its own, so that it still looks like one that grows.
        let space = try HDF5Dataspace.make(shape, growing: order.runs.isEmpty, root.path)
        if order.runs.isEmpty {
            let chunk = [1] + rows.shape.map { hsize_t($0) }
            try HDF5.check("create", root.path, H5Pset_chunk(creation.id, Int32(chunk.count), chunk))
        }
        for run in order.runs {
            guard let source = holders[run.source] else { continue }
            progress()
            let from = try HDF5Dataspace.make([source.count] + rows.shape, root.path)
            try select(from.id, start: run.start, stride: 1, count: run.count, rows.shape, root.path)
            try select(space.id, start: run.destination, stride: run.stride, count: run.count, rows.shape, root.path)
            try HDF5.check(
                "show \(sources[run.source].path) in", root.path,
                H5Pset_virtual(creation.id, space.id, VirtualName.escaped(sources[run.source].name), "/" + path, from.id))
        }
        try HDF5.check("describe the shape of", root.path, H5Sselect_all(space.id))
        let links = try HDF5Handle("create", root.path, closing: H5Pclose, H5Pcreate(cdaq_h5p_link_create()))
        try HDF5.check("create", root.path, H5Pset_create_intermediate_group(links.id, 1))
        let dataset = try HDF5Handle(
            "create \(path) in", root.path, closing: H5Dclose,
            H5Dcreate2(root.handle.id, path, type.id, space.id, links.id, creation.id, HDF5.defaults))
        try HDF5Copy.attributes(of: original.handle.id, to: dataset.id, root.path)
    }

    private static func select(
        _ space: hid_t, start: Int, stride: Int, count: Int, _ row: [Int], _ path: String
    ) throws(HDF5Error) {
        let ones = row.map { _ in hsize_t(1) }
        try HDF5.check(
            "select in", path,
            H5Sselect_hyperslab(
                space, H5S_SELECT_SET, [hsize_t(start)] + row.map { _ in 0 }, [hsize_t(stride)] + ones,
                [hsize_t(count)] + ones, [1] + row.map { hsize_t($0) }))
    }
}
