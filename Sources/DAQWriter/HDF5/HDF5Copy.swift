import CDAQHDF5

/// Copies parts of files.
enum HDF5Copy {
    /// Copies what is in a group, except members at the given paths.
    ///
    /// - Parameter prefix: the group's own path, with a slash at the end; empty for the root.
    static func members(
        of source: borrowing HDF5Group, to target: borrowing HDF5Group, prefix: String, leavingOut: Set<String>
    ) throws(HDF5Error) {
        for name in try source.memberNames() where !leavingOut.contains(prefix + name) {
            var linkType = H5L_TYPE_ERROR
            try HDF5.check("look at", source.path(of: name), cdaq_h5l_type(source.handle.id, name, &linkType))
            guard linkType == H5L_TYPE_HARD else {
                try HDF5.check(
                    "copy", source.path(of: name),
                    H5Lcopy(source.handle.id, name, target.handle.id, name, HDF5.defaults, HDF5.defaults))
                continue
            }
            let isGroup: Bool
            do {
                let object = try HDF5Handle(
                    "open", source.path(of: name), closing: H5Oclose, H5Oopen(source.handle.id, name, HDF5.defaults))
                isGroup = H5Iget_type(object.id) == H5I_GROUP
            }
            guard isGroup else {
                try object(name, from: source, to: target)
                continue
            }
            let inner = try source.openGroup(name)
            let copy = try target.makeGroup(name)
            try attributes(of: inner.handle.id, to: copy.handle.id, copy.path)
            try members(of: inner, to: copy, prefix: prefix + name + "/", leavingOut: leavingOut)
        }
    }

    /// Copies one object with everything in it.
    static func object(_ name: String, from source: borrowing HDF5Group, to target: borrowing HDF5Group) throws(HDF5Error) {
        try HDF5.check(
            "copy", source.path(of: name),
            H5Ocopy(source.handle.id, name, target.handle.id, name, HDF5.defaults, HDF5.defaults))
    }

    /// Copies all attributes.
    static func attributes(of source: hid_t, to target: hid_t, _ path: String) throws(HDF5Error) {
        HDF5.silence()
        var index: hsize_t = 0
        while index < 1024,
            let attribute = try? HDF5Handle(
                "open", path, closing: H5Aclose,
                H5Aopen_by_idx(source, ".", H5_INDEX_NAME, H5_ITER_INC, index, HDF5.defaults, HDF5.defaults))
        {
            index += 1
            var name = [CChar](repeating: 0, count: 1024)
            try HDF5.check("copy an attribute of", path, H5Aget_name(attribute.id, name.count, &name))
            let type = try HDF5Handle("copy an attribute of", path, closing: H5Tclose, H5Aget_type(attribute.id))
            let space = try HDF5Handle("copy an attribute of", path, closing: H5Sclose, H5Aget_space(attribute.id))
            let bytes = H5Tget_size(type.id) * Int(max(0, H5Sget_simple_extent_npoints(space.id)))
            let copy = try HDF5Handle(
                "copy an attribute of", path, closing: H5Aclose,
                H5Acreate2(target, name, type.id, space.id, HDF5.defaults, HDF5.defaults))
            guard bytes > 0, bytes <= 1 << 20 else { continue }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
            defer { buffer.deallocate() }
            try HDF5.check("copy an attribute of", path, H5Aread(attribute.id, type.id, buffer.baseAddress))
            defer { _ = H5Dvlen_reclaim(type.id, space.id, HDF5.defaults, buffer.baseAddress) }
            try HDF5.check("copy an attribute of", path, H5Awrite(copy.id, type.id, buffer.baseAddress))
        }
    }

    /// Properties for a dataset that shows the same where nothing was written.
    static func fillValue(of dataset: borrowing HDF5Dataset, type: hid_t) throws(HDF5Error) -> HDF5Handle {
        let result = try HDF5Handle("create", dataset.path, closing: H5Pclose, H5Pcreate(cdaq_h5p_dataset_create()))
        let creation = try HDF5Handle("read", dataset.path, closing: H5Pclose, H5Dget_create_plist(dataset.handle.id))
        var state = H5D_FILL_VALUE_UNDEFINED
        guard H5Pfill_value_defined(creation.id, &state) >= 0, state == H5D_FILL_VALUE_USER_DEFINED else { return result }
        var value = [UInt8](repeating: 0, count: H5Tget_size(type))
        try HDF5.check("read", dataset.path, H5Pget_fill_value(creation.id, type, &value))
        try HDF5.check("create", dataset.path, H5Pset_fill_value(result.id, type, value))
        return result
    }
}

extension HDF5Group {
    /// Names of the members, in order.
    func memberNames() throws(HDF5Error) -> [String] {
        var information = H5G_info_t()
        try HDF5.check("list", path, H5Gget_info(handle.id, &information))
        var names: [String] = []
        for index in 0..<min(information.nlinks, hsize_t(HDF5Structure.maximumMembers)) {
            if let name = HDF5StructureReader.name(of: index, in: self) { names.append(name) }
        }
        return names
    }
}
