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
    /// Receiving threads that have not ended.
    private let receiving = Atomic(0)

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
            receivers.append(
                try UDPReceiver(configuration, indexes: indexes, assembler: assembler, board: board, buffer: buffer))
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
    /// - Throws: ``ReceiveError`` when a socket fails, ``ThreadError`` when the system has no thread left; what had arrived until
    ///   then is delivered first.
    public func run(_ deliver: @escaping @Sendable (Image) -> Void) throws {
        let receivers = state.withLock { $0.receivers }
        precondition(!receivers.isEmpty, "prepare() comes before run(_:)")
        receiving.store(receivers.count, ordering: .relaxed)
        var threads: [DataThread] = []
        var failure: (any Error)?
        do {
            for receiver in receivers { threads.append(try start(receiver, number: threads.count)) }
        } catch {
            failure = error
            stop()
            end(receivers.count - threads.count)
        }
        while let decisions = board.nextDecisions() {
            for decision in decisions { decision.carryOut(with: assembler, in: buffer, deliver) }
        }
        for thread in threads { thread.join() }
        state.withLock { state in
            for receiver in receivers { state.ended += receiver.ledger }
            state.receivers = []
        }
        if let error = failure ?? receivers.lazy.compactMap(\.error).first { throw error }
    }

    private func start(_ receiver: UDPReceiver, number: Int) throws(ThreadError) -> DataThread {
        let cpus = configuration.receive.cpus
        return try DataThread(name: "daq-recv-\(number)", cpu: cpus.isEmpty ? nil : cpus[number % cpus.count]) { [self] in
            receiver.run(stop: stopping)
            // One thread that cannot receive ends the run for all.
            if receiver.error != nil { stop() }
            end(1)
        }
    }

    /// So many receiving threads have ended, or will never begin; after the last one no image gets any more packets.
    private func end(_ threads: Int) {
        if receiving.subtract(threads, ordering: .acquiringAndReleasing).newValue == 0 { board.finish() }
    }

    /// The sockets of all ports for a caller that reads them itself instead of ``run(_:)``; ``prepare()`` comes first.
    ///
    /// - Precondition: the configuration asks for one receiving thread.
    package func session() -> ReceiveSession {
        let receivers = state.withLock { $0.receivers }
        guard receivers.count == 1, let session = receivers[0].takeSession() else {
            preconditionFailure("a session reads all ports, once, so there must be one receiving thread")
        }
        return session
    }

    /// Finishes and delivers the images that are due, for a caller that uses ``session()``.
    package func deliverDue(_ deliver: (Image) -> Void) {
        for decision in board.takeDecisions() { decision.carryOut(with: assembler, in: buffer, deliver) }
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
