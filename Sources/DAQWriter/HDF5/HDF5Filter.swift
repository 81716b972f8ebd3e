import CDAQHDF5
import Glibc
import Synchronization

/// Filters that the library is told about, so that datasets with compressed chunks can be created without a plugin, and
/// those of bitshuffle be read.
///
/// A plugin would change the parameters it is given; a filter without such a step leaves them as they are.
enum HDF5Filter {
    private static let bitshuffle: Int32 = 32008
    private static let registered = Mutex<Set<Int32>>([])

    /// Makes a filter known to the library; chunks come compressed, so it never compresses itself.
    static func register(_ filter: ChunkFilter, _ path: String) throws(HDF5Error) {
        try register(filter.identifier, filter.name, path)
    }

    /// Makes certain that bitshuffle is read by this library: plugins do not compare the length of chunks with what is
    /// expected, and old ones read Zstandard as noise.
    static func registerDecoders(_ path: String) throws(HDF5Error) {
        #if Compression
            try register(bitshuffle, "bitshuffle", path)
        #endif
    }

    /// Whether the library knows a filter.
    static func isKnown(_ identifier: Int32) -> Bool { H5Zfilter_avail(identifier) > 0 }

    private static func register(_ identifier: Int32, _ name: String, _ path: String) throws(HDF5Error) {
        // Under the lock, so that whoever finds it registered can use it.
        let failure: HDF5Error? = registered.withLock { registered in
            guard !registered.contains(identifier) else { return nil }
            // The library keeps the pointer as long as the process runs.
            var type = H5Z_class2_t(
                version: H5Z_CLASS_T_VERS, id: identifier, encoder_present: 1, decoder_present: 1,
                name: UnsafePointer(strdup(name)), can_apply: nil, set_local: nil, filter: function(identifier))
            do throws(HDF5Error) {
                try HDF5.check("prepare compression in", path, H5Zregister(&type))
                registered.insert(identifier)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private static func function(_ identifier: Int32) -> H5Z_func_t {
        #if Compression
            if identifier == bitshuffle { return BitshuffleDecoder.filter }
        #endif
        // Fails, as a filter does that has nothing to give.
        return { _, _, _, _, _, _ in 0 }
    }
}
