import DAQCore
import Dispatch
import Glibc
import Synchronization

/// A session with the queue and the thread that serve it.
///
/// Everything that others call returns at once, whatever the disk does.
final class SessionRunner: Sendable {
    /// So long may the disk not answer, in nanoseconds, before its session has failed.
    static let stallLimit: UInt64 = 30_000_000_000

    let id: Int
    let place: OutputPlace
    private let request: WriteRequest
    private let run: RunDescription
    private let store: any SessionStore
    /// The other writers, as long as this one writes.
    private let group: Mutex<ShareGroup?>
    private let stallLimit: UInt64
    private let queue: SessionQueue
    private let session: Mutex<WriteSession>
    private let thread = Mutex<DataThread?>(nil)
    /// Signalled when the file is there, or cannot be.
    private let created = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let isClosed = Atomic(false)
    /// When the thread began what it is doing; 0 while it waits for images.
    private let busySince = Atomic<UInt64>(0)
    /// The last answer of the disk, and when it was noticed.
    private let answer = Mutex((number: UInt64(0), at: UInt64(0)))

    init(
        id: Int, _ request: WriteRequest, _ session: WriteSession, run: RunDescription, place: OutputPlace,
        store: any SessionStore, group: ShareGroup? = nil, limit: Int, stallLimit: UInt64 = SessionRunner.stallLimit
    ) {
        self.group = Mutex(group)
        self.id = id
        self.request = request
        self.run = run
        self.place = place
        self.store = store
        self.stallLimit = stallLimit
        queue = SessionQueue(limit: limit)
        self.session = Mutex(session)
    }

    /// Starts the thread.
    func start() throws(ThreadError) {
        do {
            let started = try DataThread(name: "daq-write-\(id)") { [self] in serve() }
            thread.withLock { $0 = started }
        } catch {
            // Somebody may wait for it already.
            isClosed.store(true, ordering: .releasing)
            ended.signal()
            throw error
        }
    }

    // MARK: For others

    /// Gives an image to the session, which takes it or not.
    func offer(_ image: Image, at time: UInt64) {
        failIfStalled(time)
        change { session in
            guard session.arrived(image.metadata.key, at: time) else { return }
            if !queue.offer(image) { session.lost(.queueFull) }
        }
    }

    /// Tells of an image that was overwritten before it could be held.
    func missed(_ key: ImageKey, at time: UInt64) { change { $0.missed(key, at: time) } }

    /// Ends the session in one of its ways.
    ///
    /// - Returns: what `end` returns.
    @discardableResult func end(_ end: (inout WriteSession) -> Bool) -> Bool { change(end) }

    /// What is known of the session now.
    var status: SessionStatus {
        failIfStalled(MonotonicTime.now())
        let (state, progress) = session.withLock { ($0.state, $0.progress) }
        return SessionStatus(
            id: id, path: place.shownPath, request: request, state: state, progress: progress,
            isClosed: isClosed.load(ordering: .acquiring))
    }

    /// How far it is.
    var state: WriteSession.State { session.withLock { $0.state } }

    /// Images that it has taken.
    var received: UInt64 { session.withLock { $0.progress.received } }

    /// Waits until the file is there, or the session has failed; a disk may take as long as it may in any other call.
    func waitUntilCreated() {
        while created.wait(timeout: .now() + .milliseconds(100)) != .success {
            failIfStalled(MonotonicTime.now())
            if state.isFinal { return }
        }
    }

    /// Waits until the file is closed, or its disk does not answer.
    ///
    /// - Returns: whether the file is closed.
    func wait(milliseconds: Int? = nil) -> Bool {
        let deadline = milliseconds.map { DispatchTime.now() + .milliseconds($0) }
        while !isClosed.load(ordering: .acquiring) {
            let next = DispatchTime.now() + .milliseconds(100)
            if ended.wait(timeout: min(next, deadline ?? next)) == .success {
                // For the others who wait.
                ended.signal()
                break
            }
            failIfStalled(MonotonicTime.now())
            let hasStalled = session.withLock { $0.state.isFinal } && isStalled(MonotonicTime.now())
            if let deadline, DispatchTime.now() >= deadline { return false }
            if hasStalled { return false }
        }
        let served = thread.withLock { $0 }
        served?.join()
        return true
    }

    private func isStalled(_ time: UInt64) -> Bool {
        let since = busySince.load(ordering: .relaxed)
        guard since != 0 else { return false }
        let activity = store.activity
        let last = answer.withLock { answer in
            if answer.number != activity { answer = (activity, time) }
            return max(since, answer.at)
        }
        return time > last && time - last > stallLimit
    }

    private func failIfStalled(_ time: UInt64) {
        guard isStalled(time) else { return }
        fail("the disk has not answered for \(stallLimit / 1_000_000_000) s; \(place.shownPath) is incomplete until it does")
    }

    /// Changes the session and lets the queue follow: with one lock for both, every image is counted exactly once.
    private func change<Result: Sendable>(_ body: (inout WriteSession) -> Result) -> Result {
        session.withLock { session in
            let result = body(&session)
            if case .failed = session.state {
                queue.abandon()
            } else if !session.isTaking {
                queue.close()
            }
            return result
        }
    }

    private func fail(_ reason: String) { change { $0.fail(reason) } }

    // MARK: On the thread

    private func serve() {
        do {
            try busy { try store.open(run) }
            change { $0.created() }
            created.signal()
            try storeImages()
        } catch {
            fail(place.shown("\(error)"))
        }
        do {
            try busy { try store.close() }
        } catch {
            fail(place.shown("\(error)"))
        }
        report()
        change { $0.closed() }
        group.withLock { $0 = nil }
        created.signal()
        isClosed.store(true, ordering: .releasing)
        ended.signal()
    }

    private func storeImages() throws {
        while true {
            switch queue.take(milliseconds: 100) {
            case .image(let image):
                try busy { try store.accept(image) }
            case .nothing:
                try busy {
                    try store.poll()
                    guard !place.isRemoved else {
                        throw HDF5Error(
                            .notFound, operation: "write on", path: place.shownPath, detail: "its directory has been removed")
                    }
                }
            case .end:
                return
            }
            report()
            change { $0.tick(MonotonicTime.now()) }
        }
    }

    /// Does something during which the disk may hang.
    private func busy(_ body: () throws -> Void) throws {
        busySince.store(MonotonicTime.now(), ordering: .relaxed)
        defer { busySince.store(0, ordering: .relaxed) }
        try body()
    }

    /// Brings the counts up to date.
    private func report() {
        let written = store.written
        session.withLock {
            $0.stored(UInt64(written.images), flushed: UInt64(written.flushed), bytes: UInt64(written.bytes))
        }
    }
}
