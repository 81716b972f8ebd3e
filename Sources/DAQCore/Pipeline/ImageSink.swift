/// Where images go: a file, a stream, or your own code.
///
/// The pipeline gives each sink a thread and a bounded queue of its own and calls it in the order open, accept…, close.
/// While a sink is busy its queue holds images, and with them slots of the ring; nobody else waits for it.
public protocol ImageSink: AnyObject, Sendable {
    /// Name in the ledger and in messages.
    var name: String { get }

    /// Which images it needs when it is slower than they come; every one unless it says otherwise.
    var demand: SinkDemand { get }

    /// Called once before the first image.
    func open(_ run: RunDescription) throws

    /// Stores an image.
    ///
    /// - Throws: when the image could not be stored. The sink then gets no further images, the reason is shown, and
    ///   everything that was offered afterwards is counted as dropped.
    func accept(_ image: Image) throws

    /// Stores an image, or tells why not.
    ///
    /// The pipeline calls this; a sink that stores every image leaves it out and has only ``accept(_:)``.
    ///
    /// - Throws: as ``accept(_:)``.
    func take(_ image: Image) throws -> SinkOutcome

    /// Called once after the last image, also after a failure, if `open` succeeded.
    func close() throws

    /// Which of the accepted images are not stored; any thread may ask.
    ///
    /// Nothing by default: then accepting is storing.
    var backlog: SinkBacklog { get }
}

extension ImageSink {
    /// Nothing.
    public var backlog: SinkBacklog { SinkBacklog() }
}

extension ImageSink {
    /// Stores an image.
    public func take(_ image: Image) throws -> SinkOutcome {
        try accept(image)
        return .stored
    }

    /// Every image.
    public var demand: SinkDemand { .every }
}

/// Which images a sink needs when it is slower than they come.
public enum SinkDemand: Sendable, Equatable {
    /// All of them: waiting images keep their slots, up to all that the ring has.
    case every
    /// The newest: at most so many wait, and the oldest of them makes room for another one.
    case newest(Int)
}

/// What a sink is told about a run before the first image.
public struct RunDescription: Sendable {
    /// The configuration the run uses.
    public let configuration: DetectorConfiguration
    /// Shape and pixel type of every image.
    public let format: ImageFormat
    /// Slots of the ring that holds the images, for sinks that keep many of them; `nil` when it is not known.
    public var slotCount: Int?
    /// When the run was set up, UTC nanoseconds since 1970; what tells one run from another.
    public let startedAt: UInt64

    /// A description for a sink.
    ///
    /// - Parameters:
    ///   - slotCount: a pipeline takes its `queueLimit` when nothing is said.
    ///   - startedAt: now, if nothing else is said.
    public init(
        configuration: DetectorConfiguration, format: ImageFormat, slotCount: Int? = nil, startedAt: UInt64? = nil
    ) {
        self.configuration = configuration
        self.format = format
        self.slotCount = slotCount
        self.startedAt = startedAt ?? Clock.utc()
    }
}
