import CDAQHDF5

extension HDF5Dataset {
    /// A dataset that a virtual one shows.
    struct Source: Hashable {
        /// Its file, as the virtual dataset calls it.
        let file: String
        /// Its path in that file.
        let dataset: String
    }

    /// Whether the dataset shows others.
    func isVirtual() throws(HDF5Error) -> Bool {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        return H5Pget_layout(creation.id) == H5D_VIRTUAL
    }

    /// The datasets whose values a virtual dataset shows, in its order; each may stand there several times.
    func virtualSources() throws(HDF5Error) -> [Source] {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        var count = 0
        try HDF5.check("read the layout of", path, H5Pget_virtual_count(creation.id, &count))
        var sources: [Source] = []
        var bytes = [CChar](repeating: 0, count: 4096)
        for index in 0..<min(count, 1 << 20) {
            try HDF5.check("read the layout of", path, H5Pget_virtual_filename(creation.id, index, &bytes, bytes.count - 1))
            let file = VirtualName.unescaped(HDF5Values.text(bytes))
            try HDF5.check("read the layout of", path, H5Pget_virtual_dsetname(creation.id, index, &bytes, bytes.count - 1))
            sources.append(Source(file: file, dataset: VirtualName.unescaped(HDF5Values.text(bytes))))
        }
        return sources
    }
}
