import CDAQHDF5
import Glibc
import Synchronization

/// Filters that the library is told about, so that datasets with compressed chunks can be created without a plugin.
///
/// A plugin would change the parameters it is given; a filter without such a step leaves them as they are.
enum HDF5Filter {
    private static let registered = Mutex<Set<Int32>>([])

    /// Makes a filter known to the library; chunks come compressed, so it never compresses itself.
    static func register(_ filter: ChunkFilter, _ path: String) throws(HDF5Error) {
        let isNew = registered.withLock { $0.insert(filter.identifier).inserted }
        guard isNew else { return }
        // The library keeps the pointer as long as the process runs.
        var type = H5Z_class2_t(
            version: H5Z_CLASS_T_VERS, id: filter.identifier, encoder_present: 1, decoder_present: 1,
            name: UnsafePointer(strdup(filter.name)), can_apply: nil, set_local: nil,
            filter: { _, _, _, _, _, _ in 0 })
        try HDF5.check("prepare compression in", path, H5Zregister(&type))
    }
}
