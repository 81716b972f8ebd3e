#if Compression
    import CDAQHDF5
    import DAQCompression

    /// Unpacks chunks of filter 32008 for the HDF5 library, where its plugin is not installed.
    enum BitshuffleDecoder {
        /// The library refuses larger chunks.
        private static let maximumBytes = UInt64(UInt32.max)

        /// Replaces a packed chunk by its pixels; 0 says that it cannot be done.
        static let filter: H5Z_func_t = { flags, count, parameters, bytes, capacity, buffer in
            guard flags & UInt32(H5Z_FLAG_REVERSE) != 0 else { return 0 }
            guard let parameters, let capacity, let buffer, let packed = buffer.pointee, count >= 5, bytes >= 8 else { return 0 }
            let chunk = UnsafeRawBufferPointer(start: packed, count: bytes)
            let codec: BitshuffleDecompressor.Codec
            switch parameters[4] {
            case 2: codec = .lz4
            case 3: codec = .zstd
            default: return 0
            }
            let size = UInt64(bigEndian: chunk.loadUnaligned(as: UInt64.self))
            guard size > 0, size <= maximumBytes, let pixels = H5allocate_memory(Int(size), false) else { return 0 }
            do {
                var decompressor = try BitshuffleDecompressor(elementBytes: Int(parameters[2]), codec: codec)
                try decompressor.decompress(chunk.bytes, into: UnsafeMutableRawBufferPointer(start: pixels, count: Int(size)))
            } catch {
                H5free_memory(pixels)
                return 0
            }
            H5free_memory(packed)
            buffer.pointee = pixels
            capacity.pointee = Int(size)
            return Int(size)
        }
    }
#endif
