/// Where images go: a file, a stream, or your own code.
///
/// The pipeline gives each sink a thread and a bounded queue of its own and calls it in the order open, accept…, close.
/// While a sink is busy its queue holds images, and with them slots of the ring; nobody else waits for it.
public protocol ImageSink: AnyObject, Sendable {
    /// Name in the ledger and in messages.
    var name: String { get }

    /// Called once before the first image.
    func open(_ run: RunDescription) throws

    /// Stores an image.
    ///
    /// - Throws: when the image could not be stored. The sink then gets no further images, the reason is shown, and
    ///   everything that was offered afterwards is counted as dropped.
    func accept(_ image: Image) throws

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

/// What a sink is told about a run before the first image.
public struct RunDescription: Sendable {
    /// The configuration the run uses.
    public let configuration: DetectorConfiguration
    /// Shape and pixel type of every image.
    public let format: ImageFormat

    /// A description for a sink.
    public init(configuration: DetectorConfiguration, format: ImageFormat) {
        self.configuration = configuration
        self.format = format
    }
}
