#if Compression
    import CDAQHDF5
    import DAQCompression

    /// Unpacks chunks of filter 32008 for the HDF5 library, whether or not its plugin is installed.
    enum BitshuffleDecoder {
        /// Replaces a packed chunk by its pixels; 0 says that it cannot be done.
        ///
        /// The library (1.10.8) does not compare what a filter gives it with the size of a chunk, and reads on behind the end.
        /// So nothing is unpacked but what a ``PackedReading`` expects.
        static let filter: H5Z_func_t = { flags, count, parameters, bytes, capacity, buffer in
            guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, let reading = PackedReading.current else { return 0 }
            guard let parameters, let capacity, let buffer, let packed = buffer.pointee, count >= 3 else { return 0 }
            let chunk = UnsafeRawBufferPointer(start: packed, count: bytes)
            do throws(ChunkError) {
                let codec = count < 5 ? 0 : parameters[4]
                let size = codec == 0 ? UInt64(chunk.count) : ChunkHeader(chunk.bytes)?.pixelBytes
                guard let size else { throw .noHeader(bytes: chunk.count) }
                guard size > 0, let size = Int(exactly: size), reading.chunkBytes.contains(size) else {
                    throw .pixelBytes(size, expected: reading.chunkBytes.max() ?? 0)
                }
                guard let pixels = H5allocate_memory(size, false) else { return 0 }
                do throws(ChunkError) {
                    let values = UnsafeBufferPointer(start: parameters, count: count)
                    try unpack(chunk, values, codec, into: UnsafeMutableRawBufferPointer(start: pixels, count: size))
                } catch {
                    H5free_memory(pixels)
                    throw error
                }
                H5free_memory(packed)
                buffer.pointee = pixels
                capacity.pointee = size
                return size
            } catch {
                reading.fail(error)
                return 0
            }
        }

        private static func unpack(
            _ chunk: UnsafeRawBufferPointer, _ parameters: UnsafeBufferPointer<UInt32>, _ codec: UInt32,
            into pixels: UnsafeMutableRawBufferPointer
        ) throws(ChunkError) {
            let elementBytes = Int(parameters[2])
            if codec == 0 {
                let block = parameters.count > 3 ? Int(parameters[3]) : 0
                return try BitshuffleDecompressor.unshuffle(
                    chunk.bytes, elementBytes: elementBytes, blockElements: block, into: pixels)
            }
            guard codec == 2 || codec == 3,
                var decompressor = try? BitshuffleDecompressor(elementBytes: elementBytes, codec: codec == 2 ? .lz4 : .zstd)
            else { throw .block(0, reason: "pixels of \(elementBytes) bytes, packed by method \(codec), are unknown") }
            try decompressor.decompress(chunk.bytes, into: pixels)
        }
    }
#endif
