public import DAQCore
import Synchronization

/// Images that a ``Forwarder`` on another host sends: the far end, whose pixels lie in a ring again.
///
/// Images come in the order in which they were sent, with all their metadata. Ids that the sending end does not send are
/// known as soon as their turn comes. One sender is heard at a time; when it starts anew, or another one comes after it
/// has gone, its images follow.
public final class ForwardedSource: ImageSource {
    struct State {
        var ledger = ImageLedger()
        var gaps: [ForwardGap] = []
        /// See ``ForwardedSource/missingAtEnd``.
        var missingAtEnd: [ForwardGap] = []
        var statistics = ForwardStatistics()
        var link: (any ForwardLink)?
    }

    /// Gaps that are kept for ``gaps``.
    public static let gapLimit = 1000

    private let buffer: any ImageBuffer
    private let options: ForwardOptions
    private let endsWithSender: Bool
    private let onEvent: @Sendable (ForwardEvent) -> Void
    private let state = Mutex(State())
    private let stopping = Atomic(false)
    private let wake: WakePipe

    /// A source of the images of a sending end.
    ///
    /// - Parameters:
    ///   - buffer: where images are put; its format must be that of the images that come.
    ///   - endsWithSender: whether the source ends when a sender has sent everything, instead of waiting for the next one.
    ///   - onEvent: is told about connections; any thread may call it.
    /// - Throws: ``ZMQError`` when the system has no descriptors left.
    public init(
        into buffer: any ImageBuffer, _ options: ForwardOptions, endsWithSender: Bool = false,
        onEvent: @escaping @Sendable (ForwardEvent) -> Void = { _ in }
    ) throws {
        self.buffer = buffer
        self.options = options
        self.endsWithSender = endsWithSender
        self.onEvent = onEvent
        wake = try WakePipe()
    }

    /// Listens, or connects; the other end may come later.
    ///
    /// - Throws: ``ZMQError`` or ``ForwardError``; ``RingError`` when images of an earlier run are still held.
    public func prepare() throws {
        if let ring = buffer as? ImageRing, ring.geometry.layout == .stdDAQ { throw ForwardError.layout }
        // Images that come overwrite the gaps, too: whoever fills this memory next has to prepare them again.
        try buffer.prepareSlots(for: ImageAssembler.wholeImages, isZero: true) { _ in }
        let link = try options.link(for: buffer.format, linger: 1000)
        state.withLock { state in
            state.link = link
            state.statistics.address = (link as? ListeningLink)?.address ?? options.address
        }
    }

    /// Delivers images until ``stop()``, or until the sender ends if it was made so.
    ///
    /// - Throws: ``ZMQError`` when a socket fails.
    public func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        let link = state.withLock { state in
            defer { state.link = nil }
            return state.link
        }
        guard let link else { preconditionFailure("prepare() comes before run(_:)") }
        let capacity = options.window(for: buffer.format, slots: buffer.slotCount)
        var end = ReceivingEnd(link: link, buffer: buffer, capacity: capacity, options: options, ForwardReporting(onEvent))
        try end.run(self, deliver)
    }

    /// Asks ``run(_:)`` to deliver what is complete and return.
    public func stop() {
        stopping.store(true, ordering: .relaxed)
        wake.wake()
    }

    /// What became of the images; there are no packets here.
    public var ledger: ReceiveLedger {
        var ledger = ReceiveLedger()
        ledger.images = state.withLock { $0.ledger }
        return ledger
    }

    /// Which ids did not come: the latest ``gapLimit`` gaps, oldest first.
    public var gaps: [ForwardGap] { state.withLock { $0.gaps } }

    /// What went over the connections so far.
    public var statistics: ForwardStatistics { state.withLock { $0.statistics } }
}

// What the receiving loop asks and tells.
extension ForwardedSource {
    var isStopping: Bool { stopping.load(ordering: .relaxed) }
    var hasOneSender: Bool { endsWithSender }
    var wakeDescriptor: Int32 { wake.descriptor }

    /// Ids behind the last image that its sender has named before it ended, in segments as the images have them.
    var missingAtEnd: [ForwardGap] { state.withLock { $0.missingAtEnd } }

    func withState<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result { state.withLock { body(&$0) } }
}
