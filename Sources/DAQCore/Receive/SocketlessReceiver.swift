/// The receiver without sockets, clocks and threads: datagrams and times go in, images and the ledger come out.
///
/// Fuzzers and simulations drive it; what it is told alone decides what it does. Its times of day are the times it is told.
package final class SocketlessReceiver {
    private var group: PortGroup<StandardPacketFormat>
    private let board: ImageBoard
    private let assembler: ImageAssembler
    private let buffer: any ImageBuffer

    /// A receiver of all ports of a detector.
    ///
    /// - Parameters:
    ///   - buffer: where images are assembled; its slots must have the assembler's size.
    ///   - patience: how long it may wait for slots; not at all by default, whatever the configuration says.
    /// - Throws: when configuration and calibration do not fit together, or the buffer cannot be prepared.
    package init(
        _ configuration: DetectorConfiguration, into buffer: any ImageBuffer, correcting calibration: Calibration? = nil,
        patience: SlotPatience = SlotPatience(0)
    ) throws {
        let assembler = try ImageAssembler(configuration, calibration: calibration)
        precondition(buffer.format == assembler.format, "the buffer's images are \(buffer.format), not \(assembler.format)")
        let streams = configuration.placedStreams
        board = ImageBoard(
            ImageSynchronizer(
                configuration, packets: streams.map { configuration.packetFormat(of: $0).packets }, slots: buffer.slotCount,
                refusal: buffer.refusal))
        group = PortGroup(
            configuration, indexes: streams.indices, format: { configuration.packetFormat(of: $0) }, assembler: assembler,
            board: board, buffer: buffer, timeOfDay: { $0 }, patience: patience)
        try buffer.prepareSlots(for: assembler.pixelLayout, isZero: assembler.gapBits == 0, assembler.prepare)
        self.assembler = assembler
        self.buffer = buffer
    }

    /// Number of ports, one a placed stream.
    package var portCount: Int { group.count }

    /// What happened to packets and images so far.
    package var ledger: ReceiveLedger {
        var ledger = ReceiveLedger()
        ledger.packets = group.counters.ledger
        ledger.images = board.ledger
        return ledger
    }

    /// Takes a datagram that arrived on a port.
    ///
    /// - Parameter datagram: cut off, as sockets do it, beyond the longest that the port's format accepts.
    package func receive(_ datagram: UnsafeRawBufferPointer, on port: Int, at time: UInt64) {
        group.receive(datagram, on: port, at: time)
    }

    /// A visit to a port is over.
    ///
    /// - Parameter isEmpty: whether the port had no more.
    package func endVisit(of port: Int, at time: UInt64, isEmpty: Bool) {
        group.endVisit(of: port, at: time, isEmpty: isEmpty)
        group.endPass()
    }

    /// Finishes and delivers the images that are due.
    package func deliverDue(_ deliver: (Image) -> Void) {
        for decision in board.takeDecisions() { decision.carryOut(with: assembler, in: buffer, deliver) }
    }

    /// The run is over: closes every frame, settles every held packet and decides every image.
    package func finish() {
        group.finish()
        board.finish()
    }
}
