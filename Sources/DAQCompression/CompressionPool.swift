#if Compression
    public import DAQCore

    /// Packs images on several threads and hands them out in the order in which they came.
    ///
    /// One thread submits images, another takes them, such as the one that writes a file:
    ///
    ///     pool.submit(image)                        // as images come
    ///     while let outcome = pool.take() { ... }   // on the thread that writes
    ///
    /// At most `depth` images are inside, counting those that were taken and are still held. With so many inside ``submit(_:)``
    /// waits: that is the back-pressure, and nothing is ever dropped here. The pixels' lease is given up as soon as they are
    /// packed, so a slow writer holds chunks and not slots of the ring. All memory is there from the beginning.
    public final class CompressionPool: Sendable {
        /// What became of an image.
        public enum Outcome: Sendable {
            /// It is packed.
            case packed(PackedImage)
            /// It could not be packed.
            case failed(ImageMetadata, CompressionError)
        }

        /// How images are packed.
        public let filter: BitshuffleFilter
        private let desk: PackingDesk
        private let threads: [DataThread]

        /// Starts the threads.
        ///
        /// - Parameters:
        ///   - format: shape and type of every image.
        ///   - codec: what packs the shuffled bits.
        ///   - threads: number of threads that pack.
        ///   - depth: number of images inside; twice the threads keeps all of them busy. Each takes as much memory as an image.
        /// - Throws: ``CompressionError`` when a codec refuses its parameters or gets no memory, and when the system has no thread left.
        public init(
            for format: ImageFormat, codec: BitshuffleFilter.Codec = .lz4, threads: Int, depth: Int
        ) throws(CompressionError) {
            precondition(threads > 0 && depth > 0, "a pool of \(threads) threads for \(depth) images packs nothing")
            let filter = try BitshuffleFilter(elementBytes: format.pixelType.bytes, codec: codec)
            let bound = filter.bound(for: format.bytes)
            let desk = PackingDesk(PackingOrder((0..<depth).map { _ in ChunkMemory(byteCount: bound) }))
            var workers: [Worker] = []
            for _ in 0..<threads { workers.append(Worker(try BitshuffleCompressor(filter))) }
            self.filter = filter
            self.desk = desk
            var started: [DataThread] = []
            do throws(ThreadError) {
                for (index, worker) in workers.enumerated() {
                    started.append(
                        try DataThread(name: "daq-pack-\(index)") {
                            while let job = desk.next() { desk.finish(job.number, worker.pack(job)) }
                        })
                }
            } catch {
                // Those that have started end.
                desk.close()
                throw .thread("\(error)")
            }
            self.threads = started
        }

        deinit { close() }

        /// Gives an image to the threads; waits while `depth` images are inside.
        ///
        /// Only one thread at a time may call it: its calls are the order of the images.
        ///
        /// - Returns: whether the image will come out of ``take()``; `false` after ``close()``.
        public func submit(_ image: Image) -> Bool { desk.submit(image) }

        /// Waits for the next image, in the order of ``submit(_:)``; `nil` when the pool is closed and empty.
        public func take() -> Outcome? {
            guard let chunk = desk.take() else { return nil }
            let memory = chunk.memory
            switch chunk.length {
            case .failure(let error):
                desk.giveBack(memory)
                return .failed(chunk.metadata, error)
            case .success(let length):
                let lease = ImageLease(bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<length])) { [desk] in
                    desk.giveBack(memory)
                }
                return .packed(PackedImage(metadata: chunk.metadata, format: chunk.format, lease: lease))
            }
        }

        /// No more images come; those that are inside can still be taken.
        ///
        /// May be called from any thread: a ``submit(_:)`` that waits returns.
        public func close() { desk.close() }

        /// Waits until the threads have ended, which they do after ``close()``.
        public func join() {
            for thread in threads { thread.join() }
        }
    }

    // Sendable: only the thread that it is made for calls it.
    /// The compressor of one thread.
    private final class Worker: @unchecked Sendable {
        private var compressor: BitshuffleCompressor

        init(_ compressor: consuming BitshuffleCompressor) { self.compressor = compressor }

        func pack(_ job: PackingOrder.Job) -> PackingOrder.Chunk {
            let length = Result { () throws(CompressionError) in
                try job.image.withBytes { pixels throws(CompressionError) in
                    try compressor.compress(pixels, into: job.memory.bytes)
                }
            }
            return PackingOrder.Chunk(
                metadata: job.image.metadata, format: job.image.format, memory: job.memory, length: length)
        }
    }
#endif
