import CDAQHDF5

/// An open group.
struct HDF5Group: ~Copyable {
    let handle: HDF5Handle
    /// The file, then the path in it after a colon.
    let path: String

    init(path: String, _ handle: consuming HDF5Handle) {
        self.path = path
        self.handle = handle
    }

    /// The path of a member, for messages.
    func path(of name: String) -> String { path.contains(":/") ? "\(path)/\(name)" : "\(path):/\(name)" }

    /// Whether a member of this name exists and, if it is a link, leads somewhere.
    func contains(_ name: String) -> Bool {
        HDF5.silence()
        return H5Oexists_by_name(handle.id, name, HDF5.defaults) > 0
    }

    /// Creates a group.
    func makeGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        let path = path(of: name)
        return HDF5Group(
            path: path,
            try HDF5Handle(
                "create the group", path, closing: H5Gclose,
                H5Gcreate2(handle.id, name, HDF5.defaults, HDF5.defaults, HDF5.defaults)))
    }

    /// Opens a group.
    func openGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        let path = path(of: name)
        return HDF5Group(
            path: path, try HDF5Handle("open", path, closing: H5Gclose, H5Gopen2(handle.id, name, HDF5.defaults)))
    }

    /// Removes a member.
    func remove(_ name: String) throws(HDF5Error) {
        try HDF5.check("remove", path(of: name), H5Ldelete(handle.id, name, HDF5.defaults))
    }

    /// Stores a text of its own, such as a title.
    @discardableResult
    func write(_ text: String, to name: String) throws(HDF5Error) -> HDF5Dataset {
        let type = try HDF5String.type(for: text, path(of: name))
        let dataset = try HDF5Dataset(creating: name, in: self, type: type.id, shape: [])
        try HDF5String.withPointers([text]) { pointers throws(HDF5Error) in
            try dataset.write(pointers.baseAddress, type: type.id)
        }
        return dataset
    }

    /// Stores numbers of a given shape.
    ///
    /// - Precondition: there are as many numbers as the shape says.
    @discardableResult
    func write<Number: HDF5Scalar>(
        _ numbers: [Number], shape: [Int], to name: String
    ) throws(HDF5Error) -> HDF5Dataset {
        precondition(numbers.count == shape.reduce(1, *), "\(numbers.count) numbers do not fill \(shape)")
        let dataset = try HDF5Dataset(creating: name, in: self, type: Number.hdf5Type, shape: shape)
        try dataset.write(numbers, type: Number.hdf5Type)
        return dataset
    }

    /// Gives a member a second name.
    func link(_ name: String, to target: String) throws(HDF5Error) {
        try HDF5.check(
            "link", path(of: name), H5Lcreate_soft(target, handle.id, name, HDF5.defaults, HDF5.defaults))
    }

    /// Sets an attribute.
    func setAttribute(_ name: String, _ value: FileAttribute) throws(HDF5Error) {
        try HDF5Attribute.write(value, to: name, of: handle.id, path)
    }
}
