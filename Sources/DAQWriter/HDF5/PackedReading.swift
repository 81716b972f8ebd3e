import CDAQHDF5

#if Compression
    import DAQCompression
    import Synchronization

    /// What a read of the HDF5 library may unpack on its way; known to ``BitshuffleDecoder`` on the thread that reads.
    final class PackedReading: Sendable {
        @TaskLocal static var current: PackedReading?

        /// Bytes that chunks of the datasets have which are read.
        let chunkBytes: Set<Int>
        private let failure = Mutex<ChunkError?>(nil)

        init(_ chunkBytes: Set<Int>) { self.chunkBytes = chunkBytes }

        /// What was wrong with a chunk, as the library does not tell it.
        var problem: ChunkError? { failure.withLock { $0 } }

        func fail(_ error: ChunkError) { failure.withLock { $0 = $0 ?? error } }
    }
#endif

extension HDF5Dataset {
    /// Reads values with a call of the library, which unpacks chunks.
    func unpacking(_ read: () -> herr_t) throws(HDF5Error) {
        #if Compression
            let reading = PackedReading(packedChunkBytes.of(self))
            do throws(HDF5Error) {
                try HDF5.check("read", path, PackedReading.$current.withValue(reading) { read() })
            } catch {
                guard let problem = reading.problem else { throw error }
                throw HDF5Error(
                    .damaged, operation: "read", path: path, detail: "\(problem)", advice: "the file is damaged, or was cut off")
            }
        #else
            try HDF5.check("read", path, read())
        #endif
    }
}

/// Bytes that unpacked chunks of a dataset have, or of those that it shows; found out when they are needed first.
final class PackedChunkBytes {
    /// Datasets that show datasets that show others, and so on: more is nonsense.
    private static let maximumDepth = 8
    private var known: Set<Int>?

    /// The sizes of a dataset; empty when nothing is packed.
    func of(_ dataset: borrowing HDF5Dataset) -> Set<Int> {
        if let known { return known }
        let sizes = Self.sizes(of: dataset, depth: 0)
        known = sizes
        return sizes
    }

    private static func sizes(of dataset: borrowing HDF5Dataset, depth: Int) -> Set<Int> {
        guard (try? dataset.isVirtual()) == true else {
            guard let filters = try? dataset.filters(), !filters.isEmpty, let bytes = try? dataset.chunkBytes() else { return [] }
            return [bytes]
        }
        guard depth < maximumDepth, let sources = try? dataset.virtualSources() else { return [] }
        let directory = PartNames(dataset.fileName).directory
        var result: Set<Int> = []
        for source in sources {
            let path = source.file == "." ? dataset.fileName : source.file.hasPrefix("/") ? source.file : directory + source.file
            // What cannot be opened is not read either: the library shows the fill value.
            guard let file = try? HDF5File(reading: path), let root = try? file.root(),
                let shown = try? HDF5Dataset(opening: source.dataset, in: root)
            else { continue }
            result.formUnion(sizes(of: shown, depth: depth + 1))
        }
        return result
    }
}
