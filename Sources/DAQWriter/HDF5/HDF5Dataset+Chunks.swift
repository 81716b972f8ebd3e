import CDAQHDF5

extension HDF5Dataset {
    /// The dimensions of a chunk; `nil` when the dataset is not chunked.
    func chunk() throws(HDF5Error) -> [Int]? {
        let creation = try HDF5Handle("read the layout of", path, closing: H5Pclose, H5Dget_create_plist(handle.id))
        guard H5Pget_layout(creation.id) == H5D_CHUNKED else { return nil }
        var dimensions = [hsize_t](repeating: 0, count: 32)
        let rank = try HDF5.check("read the layout of", path, H5Pget_chunk(creation.id, 32, &dimensions))
        return dimensions.prefix(Int(rank)).map { Int(clamping: $0) }
    }

    /// Bytes of a chunk when it is not packed; `nil` when the dataset is not chunked, or no chunk can be that large.
    func chunkBytes() throws(HDF5Error) -> Int? {
        guard let chunk = try chunk() else { return nil }
        let type = try HDF5Handle("read the type of", path, closing: H5Tclose, H5Dget_type(handle.id))
        var bytes = H5Tget_size(type.id)
        for extent in chunk {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            bytes = product
        }
        return bytes
    }

    /// Bytes that the chunk has in the file which begins with a row; `nil` when it was never written.
    func storedBytes(of row: Int, rank: Int) -> Int? {
        storedBytes(at: [row] + Array(repeating: 0, count: rank - 1))
    }

    /// The same of the chunk that begins with an element.
    private func storedBytes(at element: [Int]) -> Int? {
        let offset = element.map { hsize_t($0) }
        var size: hsize_t = 0
        HDF5.silence()
        guard H5Dget_chunk_storage_size(handle.id, offset, &size) >= 0, size > 0 else { return nil }
        return Int(clamping: size)
    }

    /// Looks whether the chunk that begins with an element was written.
    ///
    /// - Throws: when it was not.
    func requireChunk(at element: [Int]) throws(HDF5Error) {
        guard storedBytes(at: element) == nil else { return }
        throw HDF5Error(.damaged, operation: "find image \(element[0]) in", path: path, detail: "its pixels were never written")
    }

    /// Whether the chunk that begins with a row was written, and lies before the end of a file.
    ///
    /// The library (1.10.8) goes through all chunks before it to find out, so it is nothing to ask for every chunk.
    func hasChunk(of row: Int, rank: Int, before end: UInt64) -> Bool {
        var offset = [hsize_t](repeating: 0, count: rank)
        offset[0] = hsize_t(row)
        var mask: UInt32 = 0
        var address: haddr_t = 0
        var size: hsize_t = 0
        HDF5.silence()
        guard H5Dget_chunk_info_by_coord(handle.id, offset, &mask, &address, &size) >= 0 else { return false }
        return size <= end && address <= end - size
    }

    /// Checks that the chunks of some rows have as many bytes as they need where no filter unpacks them.
    ///
    /// The library (1.10.8) takes their length from the file and reads on behind the end of shorter ones. Chunks that do not
    /// hold whole rows are not looked at.
    func checkChunks(of rows: Range<Int>, shape: [Int]) throws(HDF5Error) {
        guard let chunk = try chunk(), let needed = try chunkBytes(), let step = chunk.first, step > 0,
            chunk.dropFirst().elementsEqual(shape.dropFirst()), !rows.isEmpty
        else { return }
        let isFiltered = try !filters().isEmpty
        for row in stride(from: rows.lowerBound / step * step, to: rows.upperBound, by: step) {
            guard let bytes = storedBytes(of: row, rank: chunk.count), bytes < needed else { continue }
            if isFiltered, try filterMask(of: row, rank: chunk.count, bytes: bytes) == 0 { continue }
            throw HDF5Error(
                .damaged, operation: "read", path: path,
                detail: "the chunk of row \(row) has \(bytes) bytes in the file, and needs \(needed)")
        }
    }

    /// The filters that a chunk of so many bytes in the file has not gone through, a bit for each.
    private func filterMask(of row: Int, rank: Int, bytes: Int) throws(HDF5Error) -> UInt32 {
        var offset = [hsize_t](repeating: 0, count: rank)
        offset[0] = hsize_t(row)
        var mask: UInt32 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { buffer.deallocate() }
        try HDF5.check(
            "read", path, H5Dread_chunk(handle.id, HDF5.defaults, offset, &mask, buffer.baseAddress))
        return mask
    }
}
