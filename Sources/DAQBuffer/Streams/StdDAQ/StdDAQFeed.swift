import DAQCore

/// The images of an existing std-daq installation on this host: its metadata messages say which are complete, their pixels lie in its
/// shared memory.
///
/// Nothing there protects an image while it is copied. So everything that has been said meanwhile is heard before a copy counts:
/// when the ids have gone nearly once round the slots, it is given up. When this process did not run for a while, neither did
/// the thread of libzmq, and it gets a moment to bring what was said. Messages that came before the memory was replaced belong
/// to the old one.
final class StdDAQFeed: ImageFeed {
    private struct Message {
        var image: Result<StreamedImage, StreamRefusal>
        /// Counts messages.
        var number: UInt64
        var position: SlotWatch.Position?
    }

    private let subscriber: StdDAQSubscriber
    private let detector: String
    private let slots: Int?
    private var pixels: StdDAQPixels?
    private var watch: SlotWatch?
    /// What was heard and not taken, oldest first.
    private var waiting: ArraySlice<Message> = []
    /// The message that was taken last.
    private var current: Message?
    private var heard: UInt64 = 0
    /// Messages from this number on are about the memory that is open.
    private var trusted: UInt64 = 0
    private var hasLooked = false
    private(set) var wasEmpty = false
    /// Whether an image was copied.
    private var hasBegun = false
    /// When everything that had come was heard.
    private var heardAt = Clock.monotonic()
    /// After a longer pause between two looks at the messages, in nanoseconds, libzmq is waited for.
    ///
    /// In a shorter one no detector fills the margin of ``SlotWatch``.
    private var usualPause = shortPause
    private static let shortPause: UInt64 = 50_000_000
    /// So long libzmq may need to bring what has come meanwhile.
    private static let grace: UInt64 = 10_000_000
    /// Messages that wait here while the number of slots is not known; the oldest of as many as there are slots is lost anyway.
    private static let waitingLimit = 1000

    /// Subscribes; services that are not there yet may come later.
    ///
    /// - Precondition: the address names a detector (``SourceConfiguration/stdDAQDetector``), as validation has made sure.
    init(_ source: SourceConfiguration) throws(ZMQError) {
        subscriber = try StdDAQSubscriber(to: source.endpoint)
        detector = source.stdDAQDetector ?? source.address
        slots = source.slots
    }

    func next(milliseconds: Int) throws(ZMQError) -> Result<StreamedImage, StreamRefusal>? {
        try listen(milliseconds: 0)
        wasEmpty = waiting.isEmpty
        if wasEmpty { try listen(milliseconds: milliseconds) }
        current = waiting.popFirst()
        // What was overwritten before the first image could be had is not missed.
        while !hasBegun, !isThere, let next = waiting.popFirst() { current = next }
        return current?.image
    }

    var isThere: Bool {
        // A socket that has failed is met again by next().
        try? listen(milliseconds: 0)
        guard let watch, let position = current?.position else { return true }
        return watch.isSafe(position)
    }

    func prepare(for image: StreamedImage) throws(StreamRefusal) { _ = try opened(for: image) }

    func read(_ image: StreamedImage, into slot: UnsafeMutableRawBufferPointer) throws(StreamRefusal) {
        let pixels = try opened(for: image)
        try check(image)
        guard pixels.copy(image.id, into: slot) else {
            throw .noPixels("another program has cut the memory of the services while image \(image.id) was read")
        }
        try check(image)
        hasBegun = true
    }

    private func check(_ image: StreamedImage) throws(StreamRefusal) {
        guard isThere else { throw .overwritten(id: image.id) }
    }

    /// Takes what has been said until now.
    private func listen(milliseconds: Int) throws(ZMQError) {
        try take(milliseconds: milliseconds)
        let now = Clock.monotonic()
        if now - heardAt > usualPause + UInt64(milliseconds) * 1_000_000 {
            while Clock.monotonic() - now < Self.grace { try take(milliseconds: 1) }
        }
        heardAt = Clock.monotonic()
    }

    private func take(milliseconds: Int) throws(ZMQError) {
        var milliseconds = milliseconds
        let limit = max(Self.waitingLimit, pixels?.slotCount ?? 0)
        while waiting.count < limit, let result = try subscriber.next(milliseconds: milliseconds) {
            milliseconds = 0
            let image = Self.image(result)
            let position = (try? result.get()).flatMap { watch?.note($0.id) }
            waiting.append(Message(image: image, number: heard, position: position))
            heard += 1
        }
    }

    private static func image(_ result: Result<StdDAQMetadata, StdDAQError>) -> Result<StreamedImage, StreamRefusal> {
        switch result {
        case .success(let metadata):
            metadata.compression == .none
                ? .success(StreamedImage(metadata))
                : .failure(.encoding("the pixels are compressed; take the images of ipc:///tmp/DETECTOR-image, which are not"))
        case .failure(.malformed(let what)): .failure(.header("\(StdDAQError.malformed(what))"))
        case .failure(.unsupported(let what)): .failure(.encoding("\(StdDAQError.unsupported(what))"))
        }
    }

    // MARK: The memory

    /// The memory of the services as it is now, in which the image that came last lies.
    private func opened(for image: StreamedImage) throws(StreamRefusal) -> StdDAQPixels {
        let pixels = try opened(for: image.format)
        guard let current, current.number >= trusted else {
            throw .noPixels("the services have made their memory anew; image \(image.id) was named before")
        }
        return pixels
    }

    private func opened(for format: ImageFormat) throws(StreamRefusal) -> StdDAQPixels {
        if let pixels, pixels.format == format, pixels.isWhole, pixels.isLinked { return pixels }
        let isFirst = !hasLooked
        hasLooked = true
        do {
            let found = try StdDAQPixels(detector: detector, format: format, slots: slots)
            if !isFirst {
                // Whatever was said until now is about other memory.
                try? listen(milliseconds: 0)
                trusted = heard
            }
            adopt(found)
            return found
        } catch {
            // Services that have it open go on with memory whose name is gone, as long as no other one has taken its place.
            if case .noServices = error, let pixels, pixels.format == format, pixels.isWhole { return pixels }
            pixels = nil
            throw .noPixels("\(error)")
        }
    }

    private func adopt(_ found: StdDAQPixels) {
        pixels = found
        // Memory is copied at half a gigabyte a second at the least.
        usualPause = Self.shortPause + 2 * UInt64(found.format.bytes)
        var watch = SlotWatch(slots: found.slotCount)
        func note(_ message: inout Message) { message.position = (try? message.image.get()).map { watch.note($0.id) } }
        if var message = current {
            note(&message)
            current = message
        }
        for index in waiting.indices { note(&waiting[index]) }
        self.watch = watch
    }
}

extension StreamedImage {
    fileprivate init(_ metadata: StdDAQMetadata) {
        self.init(id: metadata.id, format: metadata.format)
        isComplete = metadata.status == .good
        isVerified = false
        if case .jungfrau(let word) = metadata.detector { information = UInt32(truncatingIfNeeded: word) }
    }
}
