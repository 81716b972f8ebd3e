import CDAQHDF5

/// Reads the structure of a file that nobody has checked: cycles, depth and number of members are bounded.
struct HDF5StructureReader {
    private var visited: Set<haddr_t> = []
    private var count = 0

    /// Reads a group and what is in it.
    mutating func read(_ group: borrowing HDF5Group, name: String, depth: Int = 0) throws(HDF5Error) -> HDF5Structure {
        var result = HDF5Structure(name: name, kind: .group)
        result.attributes = HDF5Values.attributes(of: group.handle.id, group.path)
        var address: haddr_t = 0
        try HDF5.check("look at", group.path, cdaq_h5o_address(group.handle.id, &address))
        // A group that is its own member, by a hard link, is listed once.
        guard visited.insert(address).inserted, depth < HDF5Structure.maximumDepth else { return result }
        var information = H5G_info_t()
        try HDF5.check("list", group.path, H5Gget_info(group.handle.id, &information))
        for index in 0..<information.nlinks {
            guard count < HDF5Structure.maximumMembers else { break }
            count += 1
            guard let name = Self.name(of: index, in: group) else { continue }
            result.members.append(member(name, of: group, depth: depth))
        }
        return result
    }

    static func name(of index: hsize_t, in group: borrowing HDF5Group) -> String? {
        let length = H5Lget_name_by_idx(group.handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, HDF5.defaults)
        guard length > 0, length < 1 << 16 else { return nil }
        var bytes = [CChar](repeating: 0, count: length + 1)
        guard
            H5Lget_name_by_idx(
                group.handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, &bytes, bytes.count, HDF5.defaults) >= 0
        else { return nil }
        return HDF5Values.text(bytes)
    }

    private mutating func member(_ name: String, of group: borrowing HDF5Group, depth: Int) -> HDF5Structure {
        var result = HDF5Structure(name: name, kind: .unreadable)
        var linkType = H5L_TYPE_ERROR
        guard cdaq_h5l_type(group.handle.id, name, &linkType) >= 0 else { return result }
        guard linkType == H5L_TYPE_HARD else {
            result.kind = .link
            result.target = linkType == H5L_TYPE_SOFT ? Self.target(of: name, in: group) : "another file"
            return result
        }
        let path = group.path(of: name)
        guard
            let object = try? HDF5Handle("open", path, closing: H5Oclose, H5Oopen(group.handle.id, name, HDF5.defaults))
        else { return result }
        switch H5Iget_type(object.id) {
        case H5I_GROUP:
            let inner = HDF5Group(path: path, object)
            return (try? read(inner, name: name, depth: depth + 1)) ?? result
        case H5I_DATASET:
            guard let dataset = try? HDF5Dataset(opening: name, in: group), let shape = try? dataset.shape(),
                let type = try? dataset.elementType()
            else { return result }
            result.kind = .dataset
            result.shape = shape
            result.type = type.description
            if shape.isEmpty { result.value = HDF5Values.single(dataset) }
            result.attributes = HDF5Values.attributes(of: dataset.handle.id, path)
        default: result.kind = .type
        }
        return result
    }

    private static func target(of name: String, in group: borrowing HDF5Group) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        guard H5Lget_val(group.handle.id, name, &bytes, bytes.count - 1, HDF5.defaults) >= 0 else { return nil }
        return HDF5Values.text(bytes)
    }
}
