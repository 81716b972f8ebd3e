public import DAQCore

/// Decides which images are part of a write session, and when it ends.
///
/// It does nothing itself: it is told of images, times, what was stored and what went wrong, and says what follows. An image
/// is part of the session when it came, is inside the ``Extent``, and is not older than one that was.
///
/// Ids that no image has never hold a session up: they are counted as missing, and a range of ids ends when an id beyond
/// it comes. When the detector's counter starts again, a session that waits for an id goes on waiting, for that id of the
/// new count; a range of ids of which images have come ends, since the others cannot come any more; all other sessions go
/// on.
public struct WriteSession: Sendable {
    /// Which images a session takes, from its first one on.
    public enum Extent: Sendable, Hashable {
        /// So many images; an image that came but is lost on its way to the file is one of them.
        case images(UInt64)
        /// Every image with one of these ids.
        case ids(ClosedRange<UInt64>)
        /// The images of so many seconds, from the first one on.
        case seconds(Double)
        /// Everything until somebody stops it.
        case untilStopped
    }

    /// How far a session is.
    public enum State: Sendable, Hashable {
        /// The request is good; the file is being created.
        case accepted
        /// The file is there.
        case waitingForFirstImage
        /// Images come.
        case writing
        /// No more images are taken; those that came are stored and written to the disk.
        case flushing
        /// Everything that was asked for and came is on the disk.
        case finished
        /// It could not go on, for this reason; what was flushed is on the disk.
        case failed(String)
        /// It ended before everything had come, for this reason; what had come is on the disk.
        case interrupted(String)
        /// Somebody did not want it any more; what had come is on the disk.
        case cancelled

        /// Whether nothing more happens.
        public var isFinal: Bool {
            switch self {
            case .accepted, .waitingForFirstImage, .writing, .flushing: false
            case .finished, .failed, .interrupted, .cancelled: true
            }
        }
    }

    /// How far it is.
    public private(set) var state = State.accepted
    /// What has become of its images.
    public private(set) var progress = WriteProgress()

    private let extent: Extent
    /// The id of the first image; `nil` for the next one, whatever its id.
    private let firstID: UInt64?
    private let idStep: UInt64
    private let share: WriteShare?
    /// Nanoseconds without an image after which the session ends.
    private let patience: UInt64?
    /// The newest image before the first one of the session.
    private var seen: ImageKey?
    private var lastArrival: UInt64
    private var firstArrival: UInt64?
    /// Images that are part of the session, whoever stores them.
    private var taken: UInt64 = 0
    /// The newest of them.
    private var newest: ImageKey?
    /// What ``State/flushing`` leads to.
    private var ending: State?

    /// A session.
    ///
    /// - Parameters:
    ///   - extent: which images it takes.
    ///   - firstID: the id of the first image; `nil` for the next one, or the first of the range.
    ///   - seen: the newest image that was published before the first one that the session will be told of.
    ///   - idStep: distance of consecutive ids.
    ///   - share: which of its images are stored here; `nil` for all. The session begins and ends with the same images
    ///     whatever its share; its ``progress`` tells of this share only.
    ///   - patience: seconds without an image after which the session ends; `nil` for no limit.
    ///   - time: now, in nanoseconds since any fixed moment, as all other times.
    public init(
        _ extent: Extent, firstID: UInt64? = nil, seen: ImageKey? = nil, idStep: UInt64 = 1, share: WriteShare? = nil,
        patience: Double? = nil, at time: UInt64
    ) {
        self.extent = extent
        if case .ids(let ids) = extent { self.firstID = ids.lowerBound } else { self.firstID = firstID }
        self.seen = seen
        self.idStep = max(1, idStep)
        self.share = share
        self.patience = patience.map(Self.nanoseconds)
        lastArrival = time
    }

    /// Whether more images may become part of it.
    public var isTaking: Bool {
        switch state {
        case .accepted, .waitingForFirstImage, .writing: true
        default: false
        }
    }

    // MARK: Images

    /// An image has come.
    ///
    /// - Returns: whether it is part of the session and has to be stored here. ``isTaking`` then says whether it was the last
    ///   one.
    public mutating func arrived(_ key: ImageKey, at time: UInt64) -> Bool {
        tick(time)
        guard isTaking, isNewest(key) else { return false }
        guard let last = newest else { return begin(key, at: time) }
        if case .ids(let ids) = extent {
            guard key.segment == last.segment else {
                end(.interrupted("the detector's counter started again after image \(last.id); the others cannot come any more"))
                return false
            }
            guard key.id <= ids.upperBound else {
                miss((ids.upperBound - last.id) / idStep, after: last.id)
                end(.finished)
                return false
            }
        }
        if key.segment == last.segment { miss(max(1, (key.id - last.id) / idStep) - 1, after: last.id) }
        return take(key, at: time)
    }

    private func isNewest(_ key: ImageKey) -> Bool {
        guard let newest = newest ?? seen else { return true }
        return key > newest
    }

    /// Decides about an image before which none was part of the session.
    private mutating func begin(_ key: ImageKey, at time: UInt64) -> Bool {
        lastArrival = time
        let before = seen.flatMap { $0.segment == key.segment ? $0.id : nil }
        defer { seen = key }
        guard let firstID else { return take(key, at: time) }
        guard key.id >= firstID else { return false }
        if key.id > firstID, let before, before >= firstID {
            fail("image \(firstID) has passed: the newest one is \(key.id), and the ring does not hold it any more")
            return false
        }
        if case .ids(let ids) = extent, key.id > ids.upperBound {
            if before == nil, seen == nil {
                fail("images \(ids.lowerBound) to \(ids.upperBound) have passed: the first one that came is \(key.id)")
            } else {
                miss((ids.upperBound - ids.lowerBound) / idStep + 1, from: ids.lowerBound)
                end(.finished)
            }
            return false
        }
        miss((key.id - firstID) / idStep, from: firstID)
        return take(key, at: time)
    }

    /// Counts ids that have not come, from one on; those of other shares are theirs.
    private mutating func miss(_ count: UInt64, from id: UInt64) {
        progress.missing += share?.images(of: count, from: id / idStep) ?? count
    }

    private mutating func miss(_ count: UInt64, after id: UInt64) {
        if count > 0 { miss(count, from: id + idStep) }
    }

    /// Makes an image part of the session.
    ///
    /// - Returns: whether it is to be stored here.
    private mutating func take(_ key: ImageKey, at time: UInt64) -> Bool {
        taken += 1
        newest = key
        let isStored = share?.contains(key.id / idStep) ?? true
        if isStored {
            progress.received += 1
            progress.first = progress.first ?? key
            progress.last = key
        }
        firstArrival = firstArrival ?? time
        lastArrival = time
        if state == .waitingForFirstImage { state = .writing }
        switch extent {
        case .images(let count) where taken >= count: end(.finished)
        case .ids(let ids) where ids.upperBound - key.id < idStep: end(.finished)
        default: break
        }
        return isStored
    }

    /// Images that came are not stored.
    public mutating func lost(_ reason: WriteLoss, count: UInt64 = 1) {
        if count > 0 { progress.dropped[reason, default: 0] += count }
    }

    /// An image was overwritten in the ring before the session could take it.
    public mutating func missed(_ key: ImageKey, at time: UInt64) {
        if arrived(key, at: time) { lost(.overwritten) }
    }

    // MARK: Time

    /// Time has passed.
    public mutating func tick(_ time: UInt64) {
        guard isTaking else { return }
        if case .seconds(let seconds) = extent, let firstArrival, time - min(firstArrival, time) >= Self.nanoseconds(seconds) {
            end(.finished)
        } else if let patience, time - min(lastArrival, time) >= patience {
            end(.interrupted("no image came for \(Double(patience) / 1e9) s"))
        }
    }

    private static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(min(max(0, seconds), 1e9) * 1e9) }

    // MARK: The file

    /// The file is there.
    public mutating func created() {
        if state == .accepted { state = newest == nil ? .waitingForFirstImage : .writing }
    }

    /// So many images of the session are in the file, and so many of them on the disk.
    public mutating func stored(_ images: UInt64, flushed: UInt64, bytes: UInt64) {
        progress.written = max(progress.written, images)
        progress.flushed = max(progress.flushed, flushed)
        progress.bytes = max(progress.bytes, bytes)
    }

    /// It cannot go on.
    public mutating func fail(_ reason: String) {
        if !state.isFinal { state = .failed(reason) }
    }

    /// The file is closed: what came and is not in it by now is lost.
    public mutating func closed() {
        lost(.failed, count: progress.waiting)
        if state == .flushing { state = ending ?? .finished }
    }

    // MARK: Ending

    /// Takes no more images, because somebody asks for it.
    ///
    /// - Returns: whether it did until now.
    @discardableResult public mutating func stop() -> Bool {
        end(extent == .untilStopped ? .finished : .interrupted("it was stopped before everything had come"))
    }

    /// Takes no more images, because nobody wants them any more.
    ///
    /// - Returns: whether it did until now.
    @discardableResult public mutating func cancel() -> Bool { end(.cancelled) }

    /// Takes no more images, because the program has to end.
    ///
    /// - Returns: whether it did until now.
    @discardableResult public mutating func interrupt(_ reason: String) -> Bool { end(.interrupted(reason)) }

    /// No more images come.
    public mutating func sourceEnded() {
        end(extent == .untilStopped ? .finished : .interrupted("no more images come"))
    }

    @discardableResult private mutating func end(_ outcome: State) -> Bool {
        guard isTaking else { return false }
        ending = outcome
        state = .flushing
        return true
    }
}
