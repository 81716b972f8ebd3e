public import DAQCore
import Synchronization

/// Shows images to whoever listens, in a format that existing clients understand; for viewers and live analysis.
///
/// Nobody waits for a client: one that is too slow misses images, and the others do not notice. A stream without clients costs next
/// to nothing. Clients never keep slots of the ring, except at most two with the pattern push: their pixels are copied once, and
/// only a limited number of copies is on its way. docs/streams.md says which client reads which format.
///
///     LiveStream(.array10, binding: "tcp://*:9001", every: .hertz(10))
///
/// Its ledger: *stored* images were sent to at least one client; *skipped* ones were not selected, or nobody listened; of
/// *dropped* ones every client had too many waiting or was just leaving, or the stream itself was not done with the images before.
public final class LiveStream: ImageSink {
    /// What can be seen of a running stream besides its ledger.
    public struct Status: Sendable, Equatable {
        /// The addresses that it listens at, with the ports that were chosen.
        public var addresses: [String] = []
        /// Subscriptions of clients (pattern pub).
        public var subscriptions = 0
        /// Bytes of pixels that were sent.
        public var bytes: UInt64 = 0
        /// Messages of clients that made no sense.
        public var malformed: UInt64 = 0
    }

    /// Name in the ledger: format and address.
    public let name: String
    /// The newest images; few, since those that wait hold slots.
    public var demand: SinkDemand { .newest(configuration.format.isMetadata ? 64 : 4) }
    /// What the stream shows.
    public let configuration: StreamConfiguration
    private let stream = Mutex<OpenStream?>(nil)
    private let shown = Mutex(Status())

    /// A stream as a configuration describes it.
    public init(_ configuration: StreamConfiguration) {
        self.configuration = configuration
        name = "\(configuration.format.rawValue) \(configuration.address)"
    }

    /// A stream that listens at an address.
    ///
    /// - Parameters:
    ///   - address: such as `tcp://*:9001`, where `*` is every interface of the host.
    ///   - pattern: what clients of the format expect, by default.
    ///   - region: the part of the image that is sent.
    ///   - binning: squares of so many pixels a side become one (see docs/streams.md for what happens to missing pixels).
    public convenience init(
        _ format: StreamFormat, binding address: String, pattern: StreamPattern? = nil, every selection: StreamSelection = .image,
        region: ImageRegion? = nil, binning: Int = 1
    ) {
        self.init(
            StreamConfiguration(
                format, address: address, pattern: pattern, selection: selection, region: region, binning: binning))
    }

    /// What can be seen at the moment; may be called by any thread.
    public var status: Status { shown.withLock { $0 } }

    /// Listens at the address.
    ///
    /// - Throws: ``StreamError`` when the run's images cannot be shown like this, ``ZMQError`` when the address cannot be used.
    public func open(_ run: RunDescription) throws {
        try stream.withLock { stream in
            let opened = try OpenStream(configuration, showing: run, now: Clock.monotonic())
            shown.withLock { $0 = opened.status }
            stream = opened
        }
    }

    /// Sends an image if it is selected and anybody listens; never waits.
    public func take(_ image: Image) throws -> SinkOutcome {
        try stream.withLock { stream in
            guard stream != nil else { return .dropped(.failed) }
            let outcome = try stream?.take(image, at: Clock.monotonic())
            if let status = stream?.status { shown.withLock { $0 = status } }
            return outcome ?? .dropped(.failed)
        }
    }

    /// Sends an image if it is selected and anybody listens.
    public func accept(_ image: Image) throws { _ = try take(image) }

    /// Tells clients that no images follow, if the format can, and stops listening.
    public func close() throws {
        try stream.withLock { stream in
            // Whatever happens, the address is free again.
            defer { stream = nil }
            try stream?.end()
        }
    }
}
