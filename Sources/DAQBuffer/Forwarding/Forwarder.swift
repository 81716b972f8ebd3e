public import DAQCore
import Dispatch
import Synchronization

/// Sends every image to another host, in order, until the far end has confirmed it.
///
/// Pixels are sent from where they lie. The number of images that it holds is limited: when the far end is too slow, or not
/// there, it waits a moment, then gives images up, counts them, and tells the far end which ones. A ``ForwardedSource`` is
/// the far end.
public final class Forwarder: ImageSink {
    struct State {
        var window = SendWindow<Image>(capacity: 1, parts: 1)
        var finder = GapFinder(step: 1, maxGap: 0)
        /// Images that were given up because the window was full.
        var tooSlow: UInt64 = 0
        /// Images that were not confirmed when all was over.
        var notConfirmed: UInt64 = 0
        /// Whether a full window is worth a wait.
        var isPatient = true
        /// Whether ``Forwarder/accept(_:)`` waits for room.
        var isWaiting = false
        var isClosing = false
        var failure: (any Error)?
        var thread: DataThread?
        var statistics = ForwardStatistics()
    }

    /// Name in the ledger and in messages.
    public let name: String
    private let options: ForwardOptions
    /// Where the images come from when it is another host.
    private let upstream: ForwardedSource?
    private let onEvent: @Sendable (ForwardEvent) -> Void
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    private let wake: WakePipe

    /// A forwarder that connects, or listens, when it is opened.
    ///
    /// - Parameters:
    ///   - upstream: the source of the images when it is another host: what its sender says to be missing behind the last
    ///     image is passed on.
    ///   - onEvent: is told about connections; any thread may call it.
    /// - Throws: ``ZMQError`` when the system has no descriptors left.
    public init(
        _ options: ForwardOptions, name: String = "forward", relaying upstream: ForwardedSource? = nil,
        onEvent: @escaping @Sendable (ForwardEvent) -> Void = { _ in }
    ) throws {
        self.name = name
        self.options = options
        self.upstream = upstream
        self.onEvent = onEvent
        wake = try WakePipe()
    }

    /// What went over the connections so far.
    public var statistics: ForwardStatistics { state.withLock { $0.statistics } }

    /// Connects, or listens; the other end may come later.
    ///
    /// - Throws: ``ZMQError``, ``ForwardError`` or ``ThreadError``.
    public func open(_ run: RunDescription) throws {
        let partBytes = options.partBytes > 0 ? options.partBytes : run.format.bytes
        guard let parts = ImageParts(imageBytes: run.format.bytes, partBytes: partBytes) else {
            throw ForwardError.parts(imageBytes: run.format.bytes, partBytes: partBytes)
        }
        let link = try options.link(for: run.format, linger: 200)
        let hello = ForwardHello(
            base: 1, format: run.format, partBytes: UInt64(partBytes), step: run.configuration.imageIDStep,
            maxGap: run.configuration.maxIDGap, name: run.configuration.name)
        state.withLock { state in
            state.window = SendWindow(
                capacity: options.window(for: run.format, slots: run.slotCount), parts: parts.count)
            state.finder = GapFinder(step: hello.step, maxGap: hello.maxGap)
            state.statistics.address = (link as? ListeningLink)?.address ?? options.address
        }
        let thread = try DataThread(name: "daq-\(name)") { [self] in
            let end = SendingEnd(link: link, hello: hello, parts: parts, options: options, reporting: ForwardReporting(onEvent))
            end.run(self)
        }
        state.withLock { $0.thread = thread }
    }

    /// Takes an image to be sent, or gives it up.
    ///
    /// - Throws: when the sockets failed.
    public func accept(_ image: Image) throws {
        let deadline = DispatchTime.now() + options.patience
        while true {
            let isOver = try state.withLock { state in
                if let failure = state.failure { throw failure }
                guard state.window.hasRoom || !state.isPatient else {
                    state.isWaiting = true
                    return false
                }
                take(image, &state)
                return true
            }
            if isOver { break }
            if room.wait(timeout: deadline) == .timedOut { state.withLock { $0.isPatient = false } }
        }
        wake.wake()
    }

    private func take(_ image: Image, _ state: inout State) {
        let (id, segment) = (image.metadata.id, image.metadata.segment)
        if let gap = state.finder.advance(to: id, segment: segment) { state.window.append(gap) }
        if state.window.hasRoom {
            state.window.append(image)
        } else {
            state.tooSlow += 1
            state.window.append(ForwardGap(segment: segment, first: id, last: id, step: state.finder.step, givenUp: 1))
        }
    }

    /// Waits until the far end has confirmed everything, for as long as it confirms something.
    ///
    /// - Throws: when the sockets failed.
    public func close() throws {
        let missing = upstream?.missingAtEnd ?? []
        let thread = state.withLock { state in
            for gap in missing { state.window.append(gap, &state.finder) }
            state.window.appendEnd()
            state.isClosing = true
            return state.thread
        }
        wake.wake()
        thread?.join()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Images that are on their way, and those that were given up.
    public var backlog: SinkBacklog {
        state.withLock { state in
            var backlog = SinkBacklog()
            if state.tooSlow > 0 { backlog.dropped[.tooSlow] = state.tooSlow }
            if state.notConfirmed > 0 { backlog.dropped[.notConfirmed] = state.notConfirmed }
            backlog.waiting = UInt64(state.window.images)
            return backlog
        }
    }
}

// What the thread that owns the sockets asks and tells.
extension Forwarder {
    var wakeDescriptor: Int32 { wake.descriptor }

    /// Asks or changes what both threads know.
    func withState<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result { state.withLock { body(&$0) } }

    /// Whatever was said until now is going to be looked at.
    func resetWake() { wake.reset() }

    /// The sockets are not used any more: what was not confirmed is counted, and let go.
    func giveUp(_ failure: (any Error)?) {
        state.withLock { state in
            state.failure = failure
            state.notConfirmed = UInt64(state.window.images)
            state.window = SendWindow(capacity: 1, parts: 1)
        }
        announceRoom()
    }

    /// Whoever waits for room may look again.
    func announceRoom() { room.signal() }
}
