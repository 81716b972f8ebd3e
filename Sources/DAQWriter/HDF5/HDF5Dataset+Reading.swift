import CDAQHDF5

/// What the values of a dataset are.
enum HDF5ElementType: Equatable, CustomStringConvertible {
    case integer(signed: Bool, bytes: Int)
    case float(bytes: Int)
    /// Truth values as h5py writes them.
    case boolean
    case text
    case other(String)

    /// Name as in numpy.
    var description: String {
        switch self {
        case .integer(let signed, let bytes): "\(signed ? "" : "u")int\(bytes * 8)"
        case .float(let bytes): "float\(bytes * 8)"
        case .boolean: "bool"
        case .text: "text"
        case .other(let name): name
        }
    }

    /// Reads a type of the library.
    init(_ type: hid_t) {
        let bytes = H5Tget_size(type)
        switch H5Tget_class(type) {
        case H5T_INTEGER: self = .integer(signed: H5Tget_sign(type) == H5T_SGN_2, bytes: bytes)
        case H5T_FLOAT: self = .float(bytes: bytes)
        case H5T_STRING: self = .text
        case H5T_ENUM: self = bytes == 1 && H5Tget_nmembers(type) == 2 ? .boolean : .other("enumeration")
        case H5T_COMPOUND: self = .other("compound")
        default: self = .other("other")
        }
    }
}

extension HDF5Dataset {
    /// The most values that are read at once: more than any image or column, less than memory.
    static let maximumValues = 1 << 31

    /// The dimensions.
    func shape() throws(HDF5Error) -> [Int] {
        let space = try HDF5Handle("read the shape of", path, closing: H5Sclose, H5Dget_space(handle.id))
        let rank = try HDF5.check("read the shape of", path, H5Sget_simple_extent_ndims(space.id))
        var dimensions = [hsize_t](repeating: 0, count: Int(rank))
        try HDF5.check("read the shape of", path, H5Sget_simple_extent_dims(space.id, &dimensions, nil))
        return dimensions.map { Int(clamping: $0) }
    }

    /// What the values are.
    func elementType() throws(HDF5Error) -> HDF5ElementType {
        let type = try HDF5Handle("read the type of", path, closing: H5Tclose, H5Dget_type(handle.id))
        return HDF5ElementType(type.id)
    }

    /// Reads a box of the dataset, converted by the library to `Number`.
    ///
    /// - Parameters:
    ///   - start: first index in every dimension.
    ///   - count: number of values in every dimension.
    /// - Throws: also when the box is not inside the dataset, or unreasonably large.
    func read<Number: HDF5Scalar>(
        _ number: Number.Type, start: [Int], count: [Int]
    ) throws(HDF5Error) -> [Number] {
        let shape = try shape()
        // Both differences are of numbers from 0 to Int.max, so nothing overflows.
        let inside =
            shape.count == count.count
            && shape.indices.allSatisfy { axis in
                start[axis] >= 0 && count[axis] >= 0 && start[axis] <= shape[axis] && count[axis] <= shape[axis] - start[axis]
            }
        guard inside else {
            throw HDF5Error(
                .mismatch, operation: "read", path: path,
                detail: "\(count) values from \(start) are not inside a dataset of \(shape)")
        }
        var total = 1
        for extent in count {
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard !overflow, product <= Self.maximumValues else {
                throw HDF5Error(
                    .mismatch, operation: "read", path: path, detail: "\(count) values at once are too many",
                    advice: "the file may be damaged")
            }
            total = product
        }
        guard total > 0 else { return [] }
        if let first = start.first, let rows = count.first { try checkChunks(of: first..<first + rows, shape: shape) }
        let box = try select(start, count)
        var values = [Number](repeating: Number(), count: total)
        try unpacking { H5Dread(handle.id, Number.hdf5Type, box.memory.id, box.file.id, HDF5.defaults, &values) }
        return values
    }

    /// Reads everything, of whatever type, to see whether it can be read.
    func readThrough() throws(HDF5Error) {
        let type = try HDF5Handle("read the type of", path, closing: H5Tclose, H5Dget_type(handle.id))
        let space = try HDF5Handle("read the shape of", path, closing: H5Sclose, H5Dget_space(handle.id))
        let count = Int(H5Sget_simple_extent_npoints(space.id))
        guard count > 0 else { return }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(type.id))
        guard !overflow, bytes <= Self.maximumValues else {
            throw HDF5Error(.damaged, operation: "read", path: path, detail: "it has \(count) rows")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { buffer.deallocate() }
        // Texts of variable length are pointers, which only a successful read sets.
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        defer { _ = H5Dvlen_reclaim(type.id, space.id, HDF5.defaults, buffer.baseAddress) }
        let shape = try shape()
        if let rows = shape.first { try checkChunks(of: 0..<rows, shape: shape) }
        try unpacking { H5Dread(handle.id, type.id, HDF5.all, HDF5.all, HDF5.defaults, buffer.baseAddress) }
    }

    /// Reads everything.
    func readAll<Number: HDF5Scalar>(_ number: Number.Type) throws(HDF5Error) -> [Number] {
        let shape = try shape()
        return try read(number, start: shape.map { _ in 0 }, count: shape)
    }

    /// Reads a member of all rows; `nil` when the rows have no such integer.
    func readMember(_ name: String) throws(HDF5Error) -> [UInt64]? {
        let stored = try HDF5Handle("read the type of", path, closing: H5Tclose, H5Dget_type(handle.id))
        guard H5Tget_class(stored.id) == H5T_COMPOUND else { return nil }
        let index = H5Tget_member_index(stored.id, name)
        guard index >= 0, H5Tget_member_class(stored.id, UInt32(index)) == H5T_INTEGER else { return nil }
        let count = try shape().reduce(1, *)
        guard count <= Self.maximumValues / 8 else {
            throw HDF5Error(.damaged, operation: "read", path: path, detail: "it has \(count) rows")
        }
        let type = try HDF5Handle("read", path, closing: H5Tclose, H5Tcreate(H5T_COMPOUND, 8))
        try HDF5.check("read", path, H5Tinsert(type.id, name, 0, UInt64.hdf5Type))
        var values = [UInt64](repeating: 0, count: count)
        guard count > 0 else { return values }
        try HDF5.check("read", path, H5Dread(handle.id, type.id, HDF5.all, HDF5.all, HDF5.defaults, &values))
        return values
    }

    /// Reads one number attribute; `nil` when there is none of this name, or it is not a single number.
    func attribute<Number: HDF5Scalar>(_ name: String, as number: Number.Type) -> Number? {
        HDF5.silence()
        guard H5Aexists(handle.id, name) > 0,
            let attribute = try? HDF5Handle("open", path, closing: H5Aclose, H5Aopen(handle.id, name, HDF5.defaults)),
            let space = try? HDF5Handle("read", path, closing: H5Sclose, H5Aget_space(attribute.id)),
            let type = try? HDF5Handle("read", path, closing: H5Tclose, H5Aget_type(attribute.id)),
            H5Sget_simple_extent_npoints(space.id) == 1
        else { return nil }
        switch HDF5ElementType(type.id) {
        case .integer, .float: break
        default: return nil
        }
        var value = Number()
        return H5Aread(attribute.id, Number.hdf5Type, &value) >= 0 ? value : nil
    }

    /// Whether the creator gave a fill value, and which.
    func fillValue<Number: HDF5Scalar>(as number: Number.Type) -> Number? {
        guard let creation = try? HDF5Handle("read", path, closing: H5Pclose, H5Dget_create_plist(handle.id)) else { return nil }
        var state = H5D_FILL_VALUE_UNDEFINED
        var value = Number()
        guard H5Pfill_value_defined(creation.id, &state) >= 0, state == H5D_FILL_VALUE_USER_DEFINED,
            H5Pget_fill_value(creation.id, Number.hdf5Type, &value) >= 0
        else { return nil }
        return value
    }

    /// Names of the filters, such as compression.
    func filters() throws(HDF5Error) -> [String] {
        let creation = try HDF5Handle("read the filters of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        let count = try HDF5.check("read the filters of", path, H5Pget_nfilters(creation.id))
        var result: [String] = []
        for index in 0..<max(0, count) {
            var flags: UInt32 = 0
            var configuration: UInt32 = 0
            var values = 0
            var name = [CChar](repeating: 0, count: 256)
            let number = try HDF5.check(
                "read the filters of", path,
                H5Pget_filter2(creation.id, UInt32(index), &flags, &values, nil, name.count, &name, &configuration))
            let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            result.append(text.isEmpty ? "filter \(number)" : text)
        }
        return result
    }
}
