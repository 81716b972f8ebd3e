import DAQCore

#if Compression
    import DAQCompression
    import Glibc

    /// A file whose images are packed by several threads, before the one thread that the HDF5 library has sees them.
    // Sendable: everything but `written` is only used by the thread of one session.
    final class PackedFile: SessionStore, @unchecked Sendable {
        /// Threads that pack for one session; more would take processors from the receiver.
        private static let threads = max(1, min(4, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) / 2))
        private static let depth = 2 * threads + 2

        private let file: HDF5Writer
        private let pool: CompressionPool
        /// Images that are being packed or wait to be stored.
        private var inside = 0

        private init(_ file: HDF5Writer, _ pool: CompressionPool) { (self.file, self.pool) = (file, pool) }

        /// A file for packed images.
        ///
        /// - Parameter file: makes the file with its options.
        static func make(
            _ compression: FileCompression, _ format: ImageFormat, _ options: FileOptions,
            _ file: (FileOptions) -> HDF5Writer
        ) throws(WriteRefusal) -> any SessionStore {
            let pool: CompressionPool
            do throws(CompressionError) {
                pool = try CompressionPool(
                    for: format, codec: compression == .bszstd ? .zstd(level: 0) : .lz4, threads: threads, depth: depth)
            } catch {
                throw WriteRefusal(.unsupported, expected: "images that can be packed", found: "\(error)")
            }
            var options = options
            options.filter = ChunkFilter(
                identifier: BitshuffleFilter.filterID, parameters: pool.filter.parameters,
                name: compression == .bszstd ? "bitshuffle, zstd" : "bitshuffle, LZ4")
            return PackedFile(file(options), pool)
        }

        var written: HDF5Writer.Written { file.written }
        var activity: UInt64 { file.activity }

        func open(_ run: RunDescription) throws { try file.open(run) }

        func accept(_ image: Image) throws {
            if inside == Self.depth { try storeNext() }
            if pool.submit(image) { inside += 1 }
        }

        func poll() throws {
            while inside > 0 { try storeNext() }
        }

        func close() throws {
            defer {
                pool.close()
                pool.join()
            }
            do {
                try poll()
            } catch {
                // A file that takes no more images still has to be closed.
                try? file.close()
                throw error
            }
            try file.close()
        }

        private func storeNext() throws {
            guard let outcome = pool.take() else { return }
            inside -= 1
            switch outcome {
            case .failed(_, let error): throw error
            case .packed(let image):
                try image.withBytes { span in try span.withUnsafeBytes { try file.accept(image.metadata, chunk: $0) } }
            }
        }
    }
#else
    /// Stands for packed files where there are none.
    enum PackedFile {
        /// Says that this build cannot pack.
        static func make(
            _ compression: FileCompression, _ format: ImageFormat, _ options: FileOptions,
            _ file: (FileOptions) -> HDF5Writer
        ) throws(WriteRefusal) -> any SessionStore {
            throw WriteRefusal(
                .unsupported, expected: "a request without compression, in a build without it", found: compression.rawValue,
                advice: "build with --traits Compression")
        }
    }
#endif
