import CDAQHDF5

/// Small values of a file as text for people.
enum HDF5Values {
    /// Values of lists beyond this number are left out.
    static let maximumValues = 16
    /// Longer texts are cut.
    static let maximumCharacters = 4096
    /// Larger values are not read at all, in bytes.
    static let maximumBytes = 1 << 20

    /// The attributes of an object; those that cannot be read say so.
    static func attributes(of object: hid_t, _ path: String) -> [String: String] {
        var result: [String: String] = [:]
        var index: hsize_t = 0
        HDF5.silence()
        // Stops at the first index there is no attribute for.
        while index < 1024,
            let attribute = try? HDF5Handle(
                "open", path, closing: H5Aclose,
                H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, HDF5.defaults, HDF5.defaults))
        {
            index += 1
            var bytes = [CChar](repeating: 0, count: 1024)
            guard H5Aget_name(attribute.id, bytes.count, &bytes) >= 0 else { continue }
            result[text(bytes)] = value(of: attribute, path) ?? "?"
        }
        return result
    }

    /// The value of a dataset that is a single number or text.
    static func single(_ dataset: borrowing HDF5Dataset) -> String? {
        let id = dataset.handle.id
        guard let type = try? HDF5Handle("read", dataset.path, closing: H5Tclose, H5Dget_type(id)) else { return nil }
        return values(type.id, count: 1, dataset.path) { memoryType, buffer in
            H5Dread(id, memoryType, HDF5.all, HDF5.all, HDF5.defaults, buffer)
        }?.first
    }

    private static func value(of attribute: borrowing HDF5Handle, _ path: String) -> String? {
        let id = attribute.id
        guard let space = try? HDF5Handle("read", path, closing: H5Sclose, H5Aget_space(id)),
            let type = try? HDF5Handle("read", path, closing: H5Tclose, H5Aget_type(id))
        else { return nil }
        let count = Int(H5Sget_simple_extent_npoints(space.id))
        let texts = values(type.id, count: count, path) { memoryType, buffer in H5Aread(id, memoryType, buffer) }
        guard let texts else { return nil }
        if H5Sget_simple_extent_ndims(space.id) == 0 { return texts.first }
        return "[" + texts.joined(separator: ", ") + (count > texts.count ? ", ..." : "") + "]"
    }

    /// Reads numbers or texts with `read`, which fills a buffer with values of a memory type.
    private static func values(
        _ type: hid_t, count: Int, _ path: String, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) -> [String]? {
        func numbers<Number: HDF5Scalar>(_ number: Number.Type) -> [String]? {
            guard count > 0, count <= maximumBytes / MemoryLayout<Number>.stride else { return count == 0 ? [] : nil }
            var values = [Number](repeating: Number(), count: count)
            let result = values.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(Number.hdf5Type, $0) } ?? -1 }
            return result >= 0 ? values.prefix(maximumValues).map { "\($0)" } : nil
        }
        switch HDF5ElementType(type) {
        case .integer(let signed, _): return signed ? numbers(Int64.self) : numbers(UInt64.self)
        case .boolean: return numbers(Int64.self)
        case .float: return numbers(Double.self)
        case .text: return H5Tis_variable_str(type) > 0 ? variableTexts(count, path, read) : fixedTexts(type, count, read)
        case .other: return nil
        }
    }

    private static func variableTexts(
        _ count: Int, _ path: String, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) -> [String]? {
        // Only the memory that the library allocates for texts has to be given back; it is asked for in UTF-8, then in ASCII,
        // as it does not convert between the two.
        guard count > 0, count <= 1024 else { return count == 0 ? [] : nil }
        for utf8 in [false, true] {
            guard let type = try? HDF5String.type(utf8: utf8, path) else { return nil }
            var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
            let result = pointers.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(type.id, $0) } ?? -1 }
            guard result >= 0 else { continue }
            defer { for pointer in pointers { H5free_memory(pointer) } }
            return pointers.prefix(maximumValues).map { pointer in
                pointer.map { String(String(cString: $0).prefix(maximumCharacters)) } ?? ""
            }
        }
        return nil
    }

    private static func fixedTexts(
        _ type: hid_t, _ count: Int, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) -> [String]? {
        let size = H5Tget_size(type)
        guard count > 0, size > 0, size <= maximumBytes, count <= maximumBytes / size else { return count == 0 ? [] : nil }
        var bytes = [CChar](repeating: 0, count: size * count)
        let result = bytes.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(type, $0) } ?? -1 }
        guard result >= 0 else { return nil }
        return (0..<min(count, maximumValues)).map { String(text(bytes[$0 * size..<($0 + 1) * size]).prefix(maximumCharacters)) }
    }

    /// Text up to the first NUL; bytes that are not UTF-8 are replaced.
    static func text(_ bytes: some Sequence<CChar>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
