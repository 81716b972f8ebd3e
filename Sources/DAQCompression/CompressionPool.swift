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
        private let free: BoundedQueue<ChunkMemory>
        private let jobs: BoundedQueue<Job>
        private let order: BoundedQueue<Answer>
        private let threads: [DataThread]

        /// Where a worker puts what it made of one image, and the taker waits for it.
        fileprivate typealias Answer = BoundedQueue<Outcome>

        private struct Job: Sendable {
            let image: Image
            let memory: ChunkMemory
            let answer: Answer
        }

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
            let free = BoundedQueue<ChunkMemory>(limit: depth)
            let jobs = BoundedQueue<Job>(limit: depth)
            for _ in 0..<depth { free.offer(ChunkMemory(byteCount: filter.bound(for: format.bytes))) }
            var workers: [Worker] = []
            for _ in 0..<threads { workers.append(Worker(try BitshuffleCompressor(filter))) }
            self.filter = filter
            self.free = free
            self.jobs = jobs
            order = BoundedQueue(limit: depth)
            var started: [DataThread] = []
            do throws(ThreadError) {
                for (index, worker) in workers.enumerated() {
                    started.append(
                        try DataThread(name: "daq-pack-\(index)") {
                            while let job = jobs.take() {
                                job.answer.offer(worker.pack(job.image, into: job.memory, backTo: free))
                            }
                        })
                }
            } catch {
                // Those that have started end.
                jobs.close()
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
        public func submit(_ image: Image) -> Bool {
            guard let memory = free.take() else { return false }
            let answer = Answer(limit: 1)
            // The job comes first: what is in order will be packed, also when the pool is closed between the two.
            return jobs.offer(Job(image: image, memory: memory, answer: answer)).isAccepted
                && order.offer(answer).isAccepted
        }

        /// Waits for the next image, in the order of ``submit(_:)``; `nil` when the pool is closed and empty.
        public func take() -> Outcome? {
            order.take()?.take()
        }

        /// No more images come; those that are inside can still be taken.
        ///
        /// May be called from any thread: a ``submit(_:)`` that waits returns.
        public func close() {
            order.close()
            free.close()
            jobs.close()
        }

        /// Waits until the threads have ended, which they do after ``close()``.
        public func join() {
            for thread in threads { thread.join() }
        }
    }

    // Sendable: the bytes belong to whoever took it from a queue, and are constant while the lease of a packed image exists.
    /// Memory for one chunk, on its way from the free ones to a worker, to the taker and back.
    private final class ChunkMemory: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(byteCount: Int) {
            bytes = .allocate(byteCount: byteCount, alignment: 4096)
            // Touched now, so that no image waits for pages.
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
        }

        deinit { bytes.deallocate() }
    }

    // Sendable: only the thread that it is made for calls it.
    /// The compressor of one thread.
    private final class Worker: @unchecked Sendable {
        private var compressor: BitshuffleCompressor

        init(_ compressor: consuming BitshuffleCompressor) { self.compressor = compressor }

        func pack(_ image: Image, into memory: ChunkMemory, backTo free: BoundedQueue<ChunkMemory>) -> CompressionPool.Outcome {
            do throws(CompressionError) {
                let length = try image.withBytes { pixels throws(CompressionError) in
                    try compressor.compress(pixels, into: memory.bytes)
                }
                let lease = ImageLease(bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<length])) {
                    free.offer(memory)
                }
                return .packed(PackedImage(metadata: image.metadata, format: image.format, lease: lease))
            } catch {
                free.offer(memory)
                return .failed(image.metadata, error)
            }
        }
    }
#endif
