import CDAQHDF5

/// Writes attributes of groups and datasets.
enum HDF5Attribute {
    /// Writes a text or a list of texts.
    static func write(
        _ texts: [String], scalar: Bool, to name: String, of object: hid_t, _ path: String
    ) throws(HDF5Error) {
        let type = try HDF5String.type(for: texts.joined(), path)
        let space = try HDF5Dataspace.make(scalar ? [] : [texts.count], path)
        let attribute = try make(name, type.id, space.id, of: object, path)
        try HDF5String.withPointers(texts) { pointers throws(HDF5Error) in
            try HDF5.check("write attribute \(name) of", path, H5Awrite(attribute.id, type.id, pointers.baseAddress))
        }
    }

    /// Writes a number.
    static func write<Number: HDF5Scalar>(
        _ number: Number, to name: String, of object: hid_t, _ path: String
    ) throws(HDF5Error) {
        let space = try HDF5Dataspace.make([], path)
        let attribute = try make(name, Number.hdf5Type, space.id, of: object, path)
        var number = number
        try HDF5.check("write attribute \(name) of", path, H5Awrite(attribute.id, Number.hdf5Type, &number))
    }

    /// Writes a list of numbers.
    static func write<Number: HDF5Scalar>(
        _ numbers: [Number], to name: String, of object: hid_t, _ path: String
    ) throws(HDF5Error) {
        let space = try HDF5Dataspace.make([numbers.count], path)
        let attribute = try make(name, Number.hdf5Type, space.id, of: object, path)
        try HDF5.check("write attribute \(name) of", path, H5Awrite(attribute.id, Number.hdf5Type, numbers))
    }

    /// Writes a value of whatever kind.
    static func write(_ value: FileAttribute, to name: String, of object: hid_t, _ path: String) throws(HDF5Error) {
        switch value {
        case .text(let text): try write([text], scalar: true, to: name, of: object, path)
        case .texts(let texts): try write(texts, scalar: false, to: name, of: object, path)
        case .integer(let number): try write(number, to: name, of: object, path)
        case .unsigned(let number): try write(number, to: name, of: object, path)
        case .reals(let numbers): try write(numbers, to: name, of: object, path)
        }
    }

    private static func make(
        _ name: String, _ type: hid_t, _ space: hid_t, of object: hid_t, _ path: String
    ) throws(HDF5Error) -> HDF5Handle {
        try HDF5Handle(
            "create attribute \(name) of", path, closing: H5Aclose,
            H5Acreate2(object, name, type, space, HDF5.defaults, HDF5.defaults))
    }
}

/// Texts of variable length.
enum HDF5String {
    /// The type for a text: ASCII where it can be, since XDS does not read files with attributes that are marked as UTF-8.
    static func type(for text: String, _ path: String) throws(HDF5Error) -> HDF5Handle {
        try type(utf8: !text.utf8.allSatisfy { $0 < 0x80 }, path)
    }

    /// The type of texts of variable length, or of a fixed number of bytes, the rest of which is zero.
    static func type(utf8: Bool, bytes: Int? = nil, _ path: String) throws(HDF5Error) -> HDF5Handle {
        let type = try HDF5Handle("describe a text in", path, closing: H5Tclose, H5Tcopy(cdaq_h5t_c_s1()))
        try HDF5.check("describe a text in", path, H5Tset_size(type.id, bytes ?? cdaq_h5t_variable()))
        if bytes != nil { try HDF5.check("describe a text in", path, H5Tset_strpad(type.id, H5T_STR_NULLPAD)) }
        if utf8 { try HDF5.check("describe a text in", path, H5Tset_cset(type.id, H5T_CSET_UTF8)) }
        return type
    }

    /// Lends texts as the array of C strings that the library takes.
    static func withPointers(
        _ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes += text.utf8CString
        }
        try bytes.withUnsafeBufferPointer { bytes throws(HDF5Error) in
            let pointers = starts.map { start in bytes.baseAddress.map { UnsafePointer($0 + start) } }
            try pointers.withUnsafeBufferPointer { pointers throws(HDF5Error) in try body(pointers) }
        }
    }
}
