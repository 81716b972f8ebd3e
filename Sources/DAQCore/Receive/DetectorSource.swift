import Synchronization

/// Images from a detector that sends UDP packets.
///
/// One thread a port group receives and places packets; the thread that calls ``run(_:)`` finishes images and publishes them.
public final class DetectorSource: ImageSource {
    private struct State {
        var receivers: [UDPReceiver] = []
        var smallestSocketBuffer = 0
        /// The counts of receivers that have ended.
        var ended = PacketLedger()
    }

    private let configuration: DetectorConfiguration
    private let assembler: ImageAssembler
    private let buffer: any ImageBuffer
    private let board: ImageBoard
    private let state = Mutex(State())
    private let stopping = Atomic(false)

    /// A source of images of a detector.
    ///
    /// - Parameters:
    ///   - buffer: where images are assembled; its slots must have the assembler's size.
    ///   - calibration: needed exactly when the images are corrected.
    /// - Throws: when configuration and calibration do not fit together.
    public init(_ configuration: DetectorConfiguration, into buffer: any ImageBuffer, correcting calibration: Calibration?) throws
    {
        guard !configuration.type.sendsImages else { throw ReceiveError.wholeImages(configuration.name) }
        self.configuration = configuration
        self.buffer = buffer
        assembler = try ImageAssembler(configuration, calibration: calibration)
        let streams = configuration.placedStreams
        guard !streams.isEmpty else { throw ReceiveError.nothingToReceive }
        precondition(buffer.format == assembler.format, "the buffer's images are \(buffer.format), not \(assembler.format)")
        board = ImageBoard(
            ImageSynchronizer(
                configuration, packets: streams.map { configuration.packetFormat(of: $0).packets }, slots: buffer.slotCount,
                refusal: buffer.refusal))
    }

    /// The smallest receive buffer that the kernel granted a socket, in bytes; 0 before ``prepare()``.
    public var smallestSocketBuffer: Int { state.withLock { $0.smallestSocketBuffer } }

    /// Binds all sockets and touches all memory.
    public func prepare() throws {
        let count = configuration.placedStreams.count
        // By grid any socket may bring packets of any module, so one thread must own all of them.
        let threads = configuration.moduleGrid == nil ? min(max(1, configuration.receive.threads), count) : 1
        var receivers: [UDPReceiver] = []
        for thread in 0..<threads {
            let indexes = count * thread / threads..<count * (thread + 1) / threads
            receivers.append(try UDPReceiver(configuration, indexes: indexes))
        }
        // Fresh memory is 0 already, and writing all of it again takes as long as touching it did.
        try buffer.prepareSlots(for: assembler.pixelLayout, isZero: assembler.gapBits == 0, assembler.prepare)
        state.withLock { [receivers] state in
            state.smallestSocketBuffer = receivers.map(\.smallestBuffer).min() ?? 0
            state.receivers = receivers
        }
    }

    /// Receives until ``stop()``; the sockets are closed when it returns.
    ///
    /// - Throws: ``ReceiveError`` when a socket fails; what had arrived until then is delivered first.
    public func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        let receivers = state.withLock { $0.receivers }
        precondition(!receivers.isEmpty, "prepare() comes before run(_:)")
        let cpus = configuration.receive.cpus
        let threads = receivers.enumerated().map { index, receiver in
            DataThread(name: "daq-recv-\(index)", cpu: cpus.isEmpty ? nil : cpus[index % cpus.count]) { [self] in
                receiver.run(receiver.session(assembler: assembler, board: board, buffer: buffer), stop: stopping)
                // One thread that cannot receive ends the run for all.
                if receiver.error != nil { stop() }
            }
        }
        let finisher = DataThread(name: "daq-join") { [board] in
            for thread in threads { thread.join() }
            board.finish()
        }
        while let decisions = board.nextDecisions() {
            for decision in decisions { carryOut(decision, deliver) }
        }
        finisher.join()
        state.withLock { state in
            for receiver in receivers { state.ended += receiver.ledger }
            state.receivers = []
        }
        if let error = receivers.lazy.compactMap(\.error).first { throw error }
    }

    /// The sockets of all ports for a caller that reads them itself instead of ``run(_:)``; ``prepare()`` comes first.
    ///
    /// - Precondition: the configuration asks for one receiving thread.
    package func session() -> ReceiveSession {
        let receivers = state.withLock { $0.receivers }
        precondition(receivers.count == 1, "a session reads all ports, so there must be one receiving thread")
        return receivers[0].session(assembler: assembler, board: board, buffer: buffer)
    }

    /// Finishes and delivers the images that are due, for a caller that uses ``session()``.
    package func deliverDue(_ deliver: (Image) -> Void) {
        for decision in board.takeDecisions() { carryOut(decision, deliver) }
    }

    private func carryOut(_ decision: ImageDecision, _ deliver: (Image) -> Void) {
        switch decision {
        case .abandon(let slot):
            buffer.abandon(slot)
        case .publish(let slot, let metadata):
            assembler.finish(buffer.bytes(of: slot), missing: metadata.missing)
            deliver(buffer.publish(slot, metadata))
        }
    }

    /// Asks ``run(_:)`` to publish what has arrived and return.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    /// What happened to packets and images so far.
    public var ledger: ReceiveLedger {
        var ledger = ReceiveLedger()
        ledger.packets = state.withLock { state in
            state.receivers.reduce(into: state.ended) { $0 += $1.ledger }
        }
        ledger.images = board.ledger
        return ledger
    }
}
