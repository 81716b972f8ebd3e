public import DAQCore
import Glibc
import Synchronization

/// Writes any number of files at once, each when somebody asks for it and until the images are there that were asked for.
///
///     let writer = try SessionWriter(for: run, roots: WriteRoots(["/data"]), history: ring)
///     // a sink of a pipeline from now on
///     var request = WriteRequest(output: try FileNameTemplate("{detector}_{run}.h5"))
///     request.extent = .images(1000)
///     let id = try writer.start(request)
///     writer.status(of: id)
///
/// Each session has a queue and a thread of its own. One whose disk is full or slow loses its own images, which are counted;
/// no other session and no other sink waits for it. Only a disk that hangs inside a call of the HDF5 library holds up the other
/// sessions of this process, since the library runs one call at a time.
///
/// All functions may be called from any thread. They return at once, except ``start(_:)``, which looks at the directory and
/// creates missing ones, ``wait(for:milliseconds:)`` and ``close()``.
public final class SessionWriter: ImageSink {
    /// Sessions that may be open at a time.
    public static let mostOpen = 64
    /// Sessions that have ended and are still told of.
    public static let mostEnded = 100

    /// Name in the ledger and in messages.
    public let name: String
    private let run: RunDescription
    private let roots: WriteRoots
    private let history: (any ImageHistory)?
    private let limit: Int
    private let makeStore: @Sendable (OutputPlace, WriteRequest, FileOptions) throws(WriteRefusal) -> any SessionStore
    private let state: Mutex<State>

    private struct State {
        var open: [SessionRunner] = []
        var ended: [SessionStatus] = []
        var nextID = 1
        /// The newest image.
        var last: ImageKey?
        /// The revision of the stages that the newest image has seen.
        var chainRevision: UInt64 = 0
        var isOver = false

        /// Remembers sessions that have ended, but not for ever.
        mutating func settle() {
            let statuses = open.map(\.status)
            for status in statuses where status.isClosed { ended.append(status) }
            open = zip(open, statuses).filter { !$0.1.isClosed }.map(\.0)
            if ended.count > SessionWriter.mostEnded { ended.removeFirst(ended.count - SessionWriter.mostEnded) }
        }
    }

    /// A writer without sessions.
    ///
    /// - Parameters:
    ///   - run: what the images are.
    ///   - roots: where sessions may write.
    ///   - history: what sessions that begin in the past look into, such as the ring.
    ///   - newest: the image that was published before the first one that this sink is given, if there was one.
    ///   - limit: images that a session may hold at most while its disk is busy; a part of the ring's slots.
    ///   - configurationText: the configuration document, stored in every file as it is.
    ///   - describe: adds what else is known of the run before a file is created.
    public convenience init(
        for run: RunDescription, roots: WriteRoots, history: (any ImageHistory)? = nil, after newest: ImageKey? = nil,
        limit: Int, configurationText: String? = nil, name: String = "sessions",
        describe: @escaping @Sendable (inout FileContents) throws -> Void = { _ in }
    ) {
        self.init(for: run, roots: roots, history: history, after: newest, limit: limit, name: name) {
            (place, request, options) throws(WriteRefusal) in
            func file(_ options: FileOptions) -> HDF5Writer {
                HDF5Writer(
                    path: place.path, overwrite: request.overwrites, options: options, configurationText: configurationText,
                    describe: describe)
            }
            guard request.compression != .none else { return file(options) }
            return try PackedFile.make(request.compression, run.format, options, file)
        }
    }

    /// A writer whose files are something else; for tests.
    init(
        for run: RunDescription, roots: WriteRoots, history: (any ImageHistory)? = nil, after newest: ImageKey? = nil,
        limit: Int, name: String = "sessions",
        makeStore: @escaping @Sendable (OutputPlace, WriteRequest, FileOptions) throws(WriteRefusal) -> any SessionStore
    ) {
        self.name = name
        self.run = run
        self.roots = roots
        self.history = history
        self.limit = max(1, limit)
        self.makeStore = makeStore
        state = Mutex(State(last: newest))
    }

    // MARK: Requests

    /// Begins a session.
    ///
    /// Its file is created by its own thread; whatever can be known before is checked here.
    ///
    /// - Returns: its number.
    /// - Throws: ``WriteRefusal``; nothing has been written then, except that directories may have been created.
    @discardableResult public func start(_ request: WriteRequest) throws(WriteRefusal) -> Int {
        try begin(request).id
    }

    /// Begins a session.
    func begin(_ request: WriteRequest) throws(WriteRefusal) -> SessionRunner {
        let ownership = try request.ownership.resolved()
        var options = request.options
        options.ownership = ownership
        let whole = try request.output.name(
            detector: run.configuration.name, run: request.run, time: Glibc.time(nil))
        let place = try roots.place(request.share?.path(of: whole) ?? whole, ownership: ownership)
        do throws(HDF5Error) {
            try FilePath.checkCreatable(place.path, overwrite: request.overwrites)
        } catch {
            let exists = error.code == .exists
            throw WriteRefusal(
                exists ? .exists : .path, expected: "a file that can be created",
                found: place.shown("\(place.shownPath): \(error.detail)"),
                advice: exists ? "choose another name" : error.advice)
        }
        var group: ShareGroup?
        if let share = request.share {
            group = try ShareGroup(
                joining: share, of: share.whole(of: place.path), shownAs: share.whole(of: place.shownPath), for: request,
                run.format,
                newest: history.map { newestPublication($0.history, upTo: state.withLock { $0.last }) })
        }
        let store = try makeStore(place, request, options)
        return try begin(request, place, store, group)
    }

    /// Number of the newest image that came, in the ring; 0 before the first one.
    private func newestPublication(_ history: [PublishedImage], upTo last: ImageKey?) -> UInt64 {
        guard let last else { return 0 }
        return history.last { $0.key <= last }?.publication ?? 0
    }

    /// Takes no more images for a session; it ends when those that came are on the disk.
    ///
    /// - Returns: whether it took images until now.
    @discardableResult public func stop(_ id: Int) -> Bool { runner(id)?.end { $0.stop() } ?? false }

    /// Ends a session whose images nobody wants any more; what it has written stays.
    ///
    /// - Returns: whether it took images until now.
    @discardableResult public func cancel(_ id: Int) -> Bool { runner(id)?.end { $0.cancel() } ?? false }

    /// Ends all sessions because the program has to end.
    public func interrupt(_ reason: String) {
        for runner in state.withLock({ $0.open }) { runner.end { $0.interrupt(reason) } }
    }

    /// The open sessions, and the last ones that have ended, in the order of their numbers.
    public var sessions: [SessionStatus] {
        state.withLock { state in
            state.settle()
            return state.ended + state.open.map(\.status)
        }.sorted { $0.id < $1.id }
    }

    /// A session; `nil` when there is none of this number, or it ended long ago.
    public func status(of id: Int) -> SessionStatus? { sessions.first { $0.id == id } }

    /// Waits until the file of a session is closed.
    ///
    /// - Parameter milliseconds: how long at most.
    /// - Returns: whether it is closed.
    @discardableResult public func wait(for id: Int, milliseconds: Int) -> Bool {
        runner(id)?.wait(milliseconds: milliseconds) ?? true
    }

    private func runner(_ id: Int) -> SessionRunner? { state.withLock { $0.open.first { $0.id == id } } }

    private func begin(
        _ request: WriteRequest, _ place: OutputPlace, _ store: any SessionStore, _ group: ShareGroup?
    ) throws(WriteRefusal) -> SessionRunner {
        let now = MonotonicTime.now()
        let result: Result<SessionRunner, WriteRefusal> = state.withLock { state in
            state.settle()
            do throws(WriteRefusal) {
                try check(place, state)
                let published = history?.history
                var whole = request
                if let group {
                    whole.start = group.start(
                        of: request, newest: newestPublication(published ?? [], upTo: state.last))
                }
                // Of the images of a shared run only some are held here.
                var past = try PastImages(
                    whole, published: published, last: state.last, limit: limit * (request.share?.count ?? 1))
                if let group, past.firstID == nil {
                    // The others may have begun behind images that have yet to come here.
                    past.begin(after: published?.last { $0.publication <= group.after }?.key)
                }
                let session = WriteSession(
                    request.extent, firstID: past.firstID, seen: past.seen, idStep: run.configuration.imageIDStep,
                    share: request.share, patience: request.patience, at: now)
                let runner = SessionRunner(
                    id: state.nextID, request, session, run: run, place: place, store: store, group: group, limit: limit)
                // Before the next image can come.
                for key in past.keys { offer(key, to: runner, state.chainRevision, at: now) }
                state.nextID += 1
                state.open.append(runner)
                return .success(runner)
            } catch {
                return .failure(error)
            }
        }
        let runner = try result.get()
        do {
            try runner.start()
        } catch {
            state.withLock { $0.open.removeAll { $0 === runner } }
            throw WriteRefusal(.busy, expected: "a thread for the session", found: "\(error)")
        }
        return runner
    }

    private func check(_ place: OutputPlace, _ state: State) throws(WriteRefusal) {
        guard !state.isOver else {
            throw WriteRefusal(.busy, expected: "a running acquisition", found: "one that has ended")
        }
        guard state.open.count < Self.mostOpen else {
            throw WriteRefusal(
                .busy, expected: "at most \(Self.mostOpen) sessions at a time", found: "as many already",
                advice: "wait until one has ended, or stop one")
        }
        if let other = state.open.first(where: { $0.place.collides(with: place) }) {
            throw WriteRefusal(
                .exists, expected: "a file that nobody writes",
                found: "\(place.shownPath); session \(other.id) writes \(other.place.shownPath) and its parts",
                advice: "choose another name")
        }
    }

    /// Gives an image of the past to a session.
    private func offer(_ key: ImageKey, to runner: SessionRunner, _ chainRevision: UInt64, at time: UInt64) {
        guard let image = history?.image(key) else { return runner.missed(key, at: time) }
        // The stages have not let it pass.
        if chainRevision != 0, image.metadata.chainRevision == 0 { return }
        runner.offer(image, at: time)
    }

    // MARK: Images

    /// Sessions may begin before: nothing has to be opened.
    public func open(_ run: RunDescription) throws {
        guard run.format == self.run.format else {
            throw HDF5Error(
                .mismatch, operation: "write to", path: name,
                detail:
                    "its images are \(self.run.format.width) x \(self.run.format.height) \(self.run.format.pixelType) pixels, "
                    + "those of the run \(run.format.width) x \(run.format.height) \(run.format.pixelType)")
        }
    }

    /// Gives an image to all sessions.
    ///
    /// Never waits and never fails: what a session does not take is counted there.
    public func accept(_ image: Image) {
        let key = image.metadata.key
        let runners = state.withLock { state in
            state.last = key
            state.chainRevision = image.metadata.chainRevision
            return state.open
        }
        guard !runners.isEmpty else { return }
        let now = MonotonicTime.now()
        for runner in runners { runner.offer(image, at: now) }
    }

    /// Ends all sessions, since no more images come, and waits until their files are closed; for a disk that does not answer it
    /// waits half a minute.
    public func close() {
        let runners = state.withLock { state in
            state.isOver = true
            return state.open
        }
        for runner in runners {
            runner.end {
                $0.sourceEnded()
                return true
            }
        }
        for runner in runners { _ = runner.wait() }
    }
}
