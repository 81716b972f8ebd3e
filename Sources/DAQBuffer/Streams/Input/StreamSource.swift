public import DAQCore
import Synchronization

/// Images that another program sends as a stream: cameras without UDP, live streams of other systems, and the images that
/// the std-daq services of this host have in memory.
///
/// One thread, the one that calls ``run(_:)``, receives messages and copies their pixels into slots. Ids follow the rules of
/// packets: images come out ascending within a segment, missing ids are counted, and an id that begins again, or jumps
/// over `max_id_gap`, opens another segment. In the ledger a message is what a packet is for detectors.
public final class StreamSource: ImageSource {
    private struct State: ~Copyable {
        var receiver: StreamReceiver?
        var ledger = ReceiveLedger()
        var lastRefusal: StreamRefusal?
    }

    private let configuration: DetectorConfiguration
    private let source: SourceConfiguration
    private let buffer: any ImageBuffer
    private let state: Mutex<State>
    private let stopping = Atomic(false)
    /// How soon ``stop()`` is noticed when nothing comes.
    private static let pause = 20

    /// A source of the images that a configuration describes.
    ///
    /// - Parameter buffer: where images are put; its format must be the one of the configuration.
    /// - Throws: ``StreamSourceError/noSource`` when the configuration has no `source`.
    public convenience init(_ configuration: DetectorConfiguration, into buffer: any ImageBuffer) throws(StreamSourceError) {
        try self.init(configuration, into: buffer, continuing: nil)
    }

    /// A source that goes on with a connection, if there is one, and with the image that was looked at.
    package init(
        _ configuration: DetectorConfiguration, into buffer: any ImageBuffer,
        continuing receiver: consuming sending StreamReceiver?
    ) throws(StreamSourceError) {
        guard let source = configuration.source else { throw .noSource(configuration.name) }
        precondition(
            buffer.format == configuration.imageFormat,
            "the buffer's images are \(buffer.format), not \(configuration.imageFormat)")
        self.configuration = configuration
        self.source = source
        self.buffer = buffer
        state = Mutex(State(receiver: receiver))
    }

    /// Why the last message that could not be used was refused; `nil` when all could be.
    public var lastRefusal: StreamRefusal? { state.withLock { $0.lastRefusal } }

    /// What happened to messages and images so far.
    public var ledger: ReceiveLedger { state.withLock { $0.ledger } }

    /// Connects.
    ///
    /// - Throws: ``ZMQError`` for an address that cannot be; ``RingError`` when images of an earlier run are still held.
    public func prepare() throws {
        // Images that come overwrite gaps, too: whoever fills this memory next has to prepare them again.
        try buffer.prepareSlots(for: ImageAssembler.wholeImages, isZero: true) { _ in }
        try state.withLock { state in
            if state.receiver == nil { state.receiver = try StreamReceiver(source, format: buffer.format) }
        }
    }

    /// Asks ``run(_:)`` to publish what it holds and return.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    /// Receives until ``stop()``; the connection is closed when it returns.
    ///
    /// - Throws: ``ZMQError`` when the socket fails; what had arrived until then is delivered first.
    public func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        guard var receiver = state.withLock({ $0.receiver.take() }) else {
            preconditionFailure("prepare() comes before run(_:)")
        }
        var sequence = ImageSequence(configuration, isOrdered: source.connections == 1)
        var patience = SlotPatience(configuration.ring.wait)
        func publish(_ slot: Int, _ metadata: ImageMetadata) { deliver(buffer.publish(slot, metadata)) }
        defer {
            sequence.finish(publish)
            report(receiver, sequence)
        }
        while !stopping.load(ordering: .relaxed) {
            let reception = try receiver.receive(milliseconds: Self.pause)
            if receiver.wasEmpty { patience.refill() }
            if case .image(let image) = reception {
                take(image, from: &receiver, into: &sequence, &patience, publish)
            } else {
                sequence.settle(at: Clock.monotonic(), publish)
            }
            if reception != .nothing { report(receiver, sequence) }
        }
    }

    private func report(_ receiver: borrowing StreamReceiver, _ sequence: ImageSequence) {
        state.withLock { state in
            state.ledger.packets = receiver.packets
            state.ledger.images = sequence.ledger
            state.lastRefusal = receiver.lastRefusal
        }
    }

    private func take(
        _ image: StreamedImage, from receiver: inout StreamReceiver, into sequence: inout ImageSequence,
        _ patience: inout SlotPatience, _ publish: (Int, ImageMetadata) -> Void
    ) {
        switch sequence.verdict(on: image.id) {
        case .duplicate: receiver.packets.duplicate += 1
        case .late: receiver.packets.late += 1
        case .expected:
            guard let place = place(image, from: &receiver, patience: &patience) else { return }
            sequence.insert(ImageSequence.Arrival(place: place, metadata: ImageMetadata(image), at: Clock.monotonic()), publish)
        }
    }

    /// Brings the pixels of an image into a slot.
    ///
    /// - Returns: where the image is; `nil` when the message tells of none that can be.
    private func place(
        _ image: StreamedImage, from receiver: inout StreamReceiver, patience: inout SlotPatience
    ) -> ImageSequence.Arrival.Place? {
        guard let slot = patience.ask({ buffer.claim(for: image.id, asksAgain: $0) }, while: { $0 == nil }) else {
            receiver.packets.discarded[.noFreeSlot, default: 0] += 1
            return .lost(buffer.refusal)
        }
        do throws(StreamRefusal) {
            try receiver.read(image, into: buffer.bytes(of: slot))
        } catch {
            receiver.refuse(error)
            buffer.abandon(slot)
            return error.loss.map { .lost($0) }
        }
        receiver.packets.placed += 1
        return .slot(slot)
    }
}

extension ImageMetadata {
    /// Marks images whose pixels may be those of another image, which nobody would notice.
    static let unverified = Annotation("unverified", .flag(true))

    /// The metadata of an image that has just arrived.
    fileprivate init(_ image: StreamedImage) {
        self.init(id: image.id)
        pulseID = image.pulseID
        detectorTimestamp = image.timestamp
        information = image.information
        receivedAt = Clock.utc()
        expectedPackets = 1
        if !image.isComplete { status = .missingPackets }
        if !image.isVerified { annotations = [Self.unverified] }
    }
}

/// Why a stream cannot be a source of images.
public enum StreamSourceError: Error, Equatable, CustomStringConvertible {
    /// The configuration is that of a detector that sends packets.
    case noSource(String)

    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .noSource(let name):
            "\(name) sends packets; a stream needs detector_type \"camera\" or \"pco\" and a \"source\" in the configuration"
        }
    }
}
