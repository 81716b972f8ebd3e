#if Compression
    import DAQCore

    /// The images inside a pool in the order in which they came, and who is to be woken when something becomes of them.
    ///
    /// Waking somebody costs a processor that packs a tenth of an image. While every thread has work, the taker is therefore
    /// woken for several images at once, and the submitter when there are several places; as soon as a thread has no work,
    /// nobody waits who need not.
    struct PackingOrder: Sendable {
        /// An image that is to be packed, and the memory for its chunk.
        struct Job: Sendable {
            let number: Int
            let image: Image
            let memory: ChunkMemory
        }

        /// What became of an image, whose pixels are not needed any more.
        struct Chunk: Sendable {
            let metadata: ImageMetadata
            let format: ImageFormat
            let memory: ChunkMemory
            let length: Result<Int, CompressionError>
        }

        /// What somebody gets who asks for something.
        enum Answer<Value: Sendable>: Sendable {
            case value(Value)
            /// It sleeps until it is woken, and asks again.
            case wait
            /// Nothing comes any more.
            case end
        }

        /// How many sleep, or are to be woken.
        struct Sleepers: Equatable, Sendable {
            var threads = 0
            var takers = 0
            var submitters = 0
        }

        private let depth: Int
        private var free: [ChunkMemory]
        /// By the number of an image modulo ``depth``, as ``chunks`` are.
        private var jobs: [Job?]
        private var chunks: [Chunk?]
        private var submitted = 0
        private var begun = 0
        private var taken = 0
        private var isClosed = false
        private var sleepers = Sleepers()

        /// An order for as many images as there are memories.
        init(_ memories: [ChunkMemory]) {
            depth = memories.count
            free = memories
            jobs = Array(repeating: nil, count: depth)
            chunks = Array(repeating: nil, count: depth)
        }

        /// Adds an image.
        mutating func submit(_ image: Image) -> Answer<Void> {
            guard !isClosed else { return .end }
            guard places > 0, let memory = free.popLast() else {
                sleepers.submitters += 1
                return .wait
            }
            jobs[submitted % depth] = Job(number: submitted, image: image, memory: memory)
            submitted += 1
            return .value(())
        }

        /// The next image to pack.
        mutating func next() -> Answer<Job> {
            if begun < submitted, let job = jobs[begun % depth].take() {
                begun += 1
                return .value(job)
            }
            guard !isClosed else { return .end }
            sleepers.threads += 1
            return .wait
        }

        /// An image is packed, or could not be.
        mutating func finish(_ number: Int, _ chunk: Chunk) { chunks[number % depth] = chunk }

        /// What became of the next image in order.
        mutating func take() -> Answer<Chunk> {
            if let chunk = chunks[taken % depth].take() {
                taken += 1
                return .value(chunk)
            }
            guard !isOver else { return .end }
            sleepers.takers += 1
            return .wait
        }

        /// Nobody needs the chunk in this memory any more.
        mutating func giveBack(_ memory: ChunkMemory) { free.append(memory) }

        /// No more images come.
        mutating func close() { isClosed = true }

        /// Those who have to be woken after what has happened; they do not count as sleepers from then on.
        mutating func wake() -> Sleepers {
            var woken = Sleepers()
            woken.threads = isClosed ? sleepers.threads : min(sleepers.threads, submitted - begun)
            sleepers.threads -= woken.threads
            let isUrgent = isClosed || sleepers.threads > 0
            if isOver || hasReady(isUrgent ? 1 : max(1, depth / 4)) { swap(&woken.takers, &sleepers.takers) }
            if isClosed || places >= (isUrgent ? 1 : max(1, depth / 2)) { swap(&woken.submitters, &sleepers.submitters) }
            return woken
        }

        /// Images that may be added now.
        private var places: Int { min(free.count, depth - (submitted - taken)) }
        /// Whether nothing can be taken any more.
        private var isOver: Bool { isClosed && taken == submitted }
        /// Whether the next images in order are ready, `count` of them.
        private func hasReady(_ count: Int) -> Bool { (taken..<taken + count).allSatisfy { chunks[$0 % depth] != nil } }
    }
#endif
