import CDAQHDF5

extension HDF5Dataset {
    /// A dataset that a virtual one shows.
    struct Source {
        /// Its file, as the virtual dataset calls it.
        let file: String
        /// Its path in that file.
        let dataset: String
        /// Rows that it must have; 0 where whatever is there is shown.
        var rows: Int
    }

    /// Whether the dataset shows others.
    func isVirtual() throws(HDF5Error) -> Bool {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        return H5Pget_layout(creation.id) == H5D_VIRTUAL
    }

    /// The datasets whose values a virtual dataset shows, each once, in its order.
    func virtualSources() throws(HDF5Error) -> [Source] {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        var count = 0
        try HDF5.check("read the layout of", path, H5Pget_virtual_count(creation.id, &count))
        var sources: [Source] = []
        var places: [[String]: Int] = [:]
        var bytes = [CChar](repeating: 0, count: 4096)
        for index in 0..<min(count, 1 << 20) {
            try HDF5.check("read the layout of", path, H5Pget_virtual_filename(creation.id, index, &bytes, bytes.count - 1))
            let file = VirtualName.unescaped(HDF5Values.text(bytes))
            try HDF5.check("read the layout of", path, H5Pget_virtual_dsetname(creation.id, index, &bytes, bytes.count - 1))
            let dataset = VirtualName.unescaped(HDF5Values.text(bytes))
            let rows = try rows(ofSource: index, creation.id)
            if let place = places[[file, dataset]] {
                sources[place].rows = max(sources[place].rows, rows)
            } else {
                places[[file, dataset]] = sources.count
                sources.append(Source(file: file, dataset: dataset, rows: rows))
            }
        }
        return sources
    }

    private func rows(ofSource index: Int, _ creation: hid_t) throws(HDF5Error) -> Int {
        let space = try HDF5Handle("read the layout of", path, closing: H5Sclose, H5Pget_virtual_srcspace(creation, index))
        var (first, last) = ([hsize_t](repeating: 0, count: 32), [hsize_t](repeating: 0, count: 32))
        // Fails for a selection without an end.
        guard H5Sget_select_bounds(space.id, &first, &last) >= 0 else { return 0 }
        return Int(clamping: last[0] &+ 1)
    }
}
