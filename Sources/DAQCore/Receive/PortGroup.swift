import CDAQKernels

/// The ports that one thread reads, and the way of each of their packets into an image.
///
/// Here a packet becomes part of a frame and of an image: it is read, sorted into its frame, and written to its place in the
/// slot of its image, in one pass. The group knows no sockets; whoever reads datagrams hands them over, in visits to one port.
struct PortGroup<Format: PacketFormat>: ~Copyable {
    /// One port of the group.
    struct Port: ~Copyable {
        /// Index of the port among all placed streams: its name towards the synchroniser.
        let index: Int
        /// Number of its stream.
        let stream: Int
        let format: Format
        var reassembler: FrameReassembler
        var jump: CounterJump
        var held: HeldPackets
        /// Row and column of the first packet, to notice when they change.
        var position: (row: UInt16, column: UInt16)?
        /// When its socket was last found empty.
        var foundEmptyAt: UInt64 = 0
    }

    var ports: FixedArray<Port>
    let imageID: ImageIDSource
    private let timeout: UInt64
    private let grid: GridMap?
    private let assembler: ImageAssembler
    let board: ImageBoard
    private let buffer: any ImageBuffer
    private let slots: FixedArray<UnsafeMutableRawBufferPointer>
    private let isByGrid: Bool
    /// The time of day at a time of the clock that datagrams come with.
    private let timeOfDay: @Sendable (UInt64) -> UInt64
    private var patience: SlotPatience
    /// Whether every port that was visited in this pass had no more.
    private var isPassEmpty = true
    /// Held packets are being sorted in; sorting must not begin that anew.
    var isSortingHeld = false
    /// Room for packets that are held while others are sorted in; empty otherwise, and as large as that of any port.
    var spare: HeldPackets
    /// What happened to the datagrams so far.
    var counters = PacketCounters()

    /// A group of ports.
    ///
    /// - Parameters:
    ///   - indexes: which of the configuration's placed streams belong to the group. By grid, they must be all.
    ///   - timeOfDay: UTC nanoseconds at a time that a datagram came with; asked once a frame.
    ///   - patience: how long it may wait for slots; not at all by default.
    init(
        _ configuration: DetectorConfiguration, indexes: Range<Int>, format: (UDPStream) -> Format, assembler: ImageAssembler,
        board: ImageBoard, buffer: any ImageBuffer, timeOfDay: @escaping @Sendable (UInt64) -> UInt64 = { _ in Clock.utc() },
        patience: SlotPatience = SlotPatience(0)
    ) {
        let streams = configuration.placedStreams
        let frameStep = configuration.imageID == .frameNumber ? configuration.imageIDStep : 1
        let window = configuration.receive.window
        let formats = streams[indexes].map(format)
        let heldCount = formats.map { CounterJump.capacity(packetsPerFrame: $0.packets.count) }.max() ?? 0
        let heldStride = formats.map(\.maximumDatagramBytes).max() ?? 0
        ports = FixedArray(count: indexes.count) { position in
            let index = indexes.lowerBound + position
            let format = formats[position]
            return Port(
                index: index, stream: streams[index].number, format: format,
                reassembler: FrameReassembler(packetsPerFrame: format.packets.count, window: window, step: frameStep),
                jump: CounterJump(packetsPerFrame: format.packets.count, reach: UInt64(window).saturatingProduct(frameStep)),
                held: HeldPackets(capacity: heldCount, stride: heldStride))
        }
        spare = HeldPackets(capacity: heldCount, stride: heldStride)
        imageID = configuration.imageID
        timeout = configuration.syncTimeout
        grid = configuration.moduleGrid.map { GridMap($0, streams: configuration.streams, placed: streams) }
        self.assembler = assembler
        self.board = board
        self.buffer = buffer
        slots = FixedArray(count: buffer.slotCount) { buffer.bytes(of: $0) }
        isByGrid = configuration.moduleGrid != nil
        self.timeOfDay = timeOfDay
        self.patience = patience
    }

    /// Number of ports.
    var count: Int { ports.count }

    // MARK: One datagram

    /// Takes a datagram that arrived on a port of the group.
    mutating func receive(_ datagram: UnsafeRawBufferPointer, on port: Int, at time: UInt64) {
        counters.received += 1
        switch ports[port].format.read(datagram) {
        case .malformed(let reason): counters.malformed[reason.rawValue] += 1
        case .foreign(let reason): counters.foreign[reason.rawValue] += 1
        case .packet(let header):
            if isByGrid {
                receiveByGrid(header, datagram, at: time)
            } else {
                noticePosition(header, on: port)
                sort(header, datagram, on: port, at: time)
            }
        }
    }

    private mutating func receiveByGrid(_ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, at time: UInt64) {
        switch grid?.place(row: header.row, column: header.column) ?? .outside {
        case .port(let port) where ports[port].format.packets.contains(header.packet):
            sort(header, datagram, on: port, at: time)
        case .port: counters.malformed[MalformedReason.packetNumber.rawValue] += 1
        case .unplaced: counters.unplaced += 1
        case .outside: counters.foreign[ForeignReason.position.rawValue] += 1
        }
    }

    @inline(__always)
    private mutating func noticePosition(_ header: PacketHeader, on port: Int) {
        if let known = ports[port].position {
            if known.row != header.row || known.column != header.column { counters.positionChanged += 1 }
        } else {
            ports[port].position = (header.row, header.column)
        }
    }

    @inline(__always)
    private mutating func sort(
        _ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, on port: Int, at time: UInt64
    ) {
        switch ports[port].reassembler.accept(frame: header.frameNumber, packet: header.packet, at: time) {
        case .adds(let frame):
            put(header, datagram, on: port, in: frame)
        case .completes(let frame):
            put(header, datagram, on: port, in: frame)
            complete(frame, on: port)
        case .duplicate:
            counters.duplicate += 1
        case .begins, .ahead:
            begin(header, datagram, on: port, at: time)
        case .below:
            hold(header, datagram, on: port, direction: .below, at: time)
        }
    }

    /// Writes a packet to its place.
    @inline(__always)
    private mutating func put(_ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, on port: Int, in frame: Int) {
        switch ports[port].reassembler.frames[frame].destination {
        case .slot(let slot):
            assembler.place(
                stream: ports[port].stream, packet: header.packet,
                payload: UnsafeRawBufferPointer(rebasing: datagram[header.payloadOffset...]), into: slots[slot])
            counters.placed += 1
        case .noFreeSlot: counters.noFreeSlot += 1
        case .late:
            counters.late += 1
            return
        }
        // The port goes on as before: that speaks against the jump it holds packets of.
        if ports[port].jump.held > 0, ports[port].jump.contradict() { giveUpHeld(port) }
    }

    // MARK: Frames

    /// The first packet of a frame: finds the image it belongs to.
    private mutating func begin(
        _ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, on port: Int, at time: UInt64
    ) {
        guard let id = imageID.id(in: header) else {
            counters.malformed[MalformedReason.bunchID.rawValue] += 1
            return
        }
        if followIfDecided(port, isOverdue: false) {
            sortAgain(header, datagram, on: port, at: time)
            return
        }
        // Where ids are not frame numbers, a good id does not make a good frame number.
        if imageID != .frameNumber, !isSortingHeld, !ports[port].reassembler.isNear(header.frameNumber) {
            hold(header, datagram, on: port, direction: .ahead, at: time)
            return
        }
        var stamped = header
        stamped.bunchID = imageID.pulseID(in: header)
        let (opened, start, floor) = open(id, on: ports[port].index, at: time, header: stamped)
        let frame: FrameReassembler.Frame
        switch opened {
        case .implausible:
            hold(header, datagram, on: port, direction: .ahead, at: time)
            return
        case .image(let key, let slot):
            frame = .init(number: header.frameNumber, image: key, destination: slot.map { .slot($0) } ?? .noFreeSlot)
        // Full is only said while it is asked again.
        case .late, .full:
            frame = .init(number: header.frameNumber, image: ImageKey(segment: 0, id: id), destination: .late)
        }
        moveWindow(of: port, to: header.frameNumber, segmentStart: start)
        ports[port].reassembler.open(frame)
        sortAgain(header, datagram, on: port, at: time)
        closeUnderPressure(floor)
    }

    /// Opens an image for a port; waits for a slot as long as it may, while others use the board.
    private mutating func open(
        _ id: UInt64, on index: Int, at time: UInt64, header: PacketHeader
    ) -> (ImageSynchronizer.Opened, segmentStart: UInt64, floor: ImageKey?) {
        let (board, buffer, receivedAt) = (board, buffer, timeOfDay(time))
        return patience.ask { asksAgain in
            board.with { synchronizer in
                let opened = synchronizer.open(
                    index, id: id, at: time, header: header, receivedAt: receivedAt, asksAgain: asksAgain
                ) { buffer.claim(for: id, asksAgain: asksAgain) }
                return (opened, synchronizer.segmentStart, synchronizer.floor)
            }
        } while: {
            $0.0 == .full
        }
    }

    /// Sorts a packet whose frame is open now, or whose port follows a jump now.
    ///
    /// The way of few packets: it keeps `sort` out of those functions that `sort` itself calls, so that it can be inlined where
    /// every packet passes.
    @inline(never)
    mutating func sortAgain(
        _ header: PacketHeader, _ datagram: UnsafeRawBufferPointer, on port: Int, at time: UInt64
    ) {
        sort(header, datagram, on: port, at: time)
    }

    private mutating func moveWindow(of port: Int, to number: UInt64, segmentStart: UInt64) {
        let board = board
        let index = ports[port].index
        if imageID == .frameNumber { ports[port].reassembler.startWindow(at: segmentStart, ifReaching: number) }
        ports[port].reassembler.moveWindow(to: number) { Self.close($0, of: index, on: board) }
    }

    private mutating func complete(_ frame: Int, on port: Int) {
        let board = board
        let index = ports[port].index
        let frame = ports[port].reassembler.frames[frame]
        ports[port].reassembler.slide { _ in }
        let passed = passed(port)
        cdaq_store_fence()
        board.with { synchronizer in
            if frame.destination != .late {
                synchronizer.close(index, frame.image, received: frame.received, lastPacketAt: frame.lastPacketAt)
            }
            if let passed { synchronizer.pass(index, through: passed) }
        }
    }

    static func close(_ frame: FrameReassembler.Frame, of index: Int, on board: ImageBoard) {
        guard frame.destination != .late else { return }
        // Pixels are written past the cache; whoever finishes the image must see them.
        cdaq_store_fence()
        board.with { $0.close(index, frame.image, received: frame.received, lastPacketAt: frame.lastPacketAt) }
    }

    /// The id up to which a port's images are over.
    private func passed(_ port: Int) -> UInt64? {
        guard imageID == .frameNumber else { return ports[port].reassembler.passedImage }
        return ports[port].reassembler.low.flatMap { $0 > 0 ? $0 - 1 : nil }
    }

    /// Closes frames whose images must leave the ring.
    private mutating func closeUnderPressure(_ floor: ImageKey?) {
        guard let floor else { return }
        let board = board
        for port in 0..<ports.count {
            let index = ports[port].index
            ports[port].reassembler.close(through: floor) { Self.close($0, of: index, on: board) }
        }
    }

    // MARK: Visits

    /// A visit to a port is over; after the last of a pass comes ``endPass()``.
    ///
    /// - Parameter isEmpty: whether the socket had no more, so that the port's silence up to `time` is proved.
    mutating func endVisit(of port: Int, at time: UInt64, isEmpty: Bool) {
        let board = board
        let index = ports[port].index
        if isEmpty { ports[port].reassembler.flush(at: time, timeout: timeout) { Self.close($0, of: index, on: board) } }
        if ports[port].jump.held > 0 {
            let isOverdue = isEmpty && time >= ports[port].jump.since + timeout
            // Nothing has confirmed the held packets in time.
            if !followIfDecided(port, isOverdue: isOverdue), isOverdue { giveUpHeld(port) }
        }
        if isEmpty { ports[port].foundEmptyAt = time } else { isPassEmpty = false }
    }

    /// Every port was visited: tells the synchroniser, once for all of them.
    mutating func endPass() {
        if isPassEmpty { patience.refill() }
        isPassEmpty = true
        let board = board
        let floor = board.with { synchronizer in
            for port in 0..<ports.count {
                synchronizer.foundEmpty(ports[port].index, at: ports[port].foundEmptyAt)
                if let passed = passed(port) { synchronizer.pass(ports[port].index, through: passed) }
            }
            return synchronizer.floor
        }
        closeUnderPressure(floor)
    }

    /// The run is over: closes every frame and settles every held packet.
    mutating func finish() {
        for port in 0..<ports.count {
            var left = Int.max
            // Sorting packets in may hold some of them again, but each time fewer.
            while ports[port].jump.held > 0, ports[port].jump.held < left {
                left = ports[port].jump.held
                if !followIfDecided(port, isOverdue: true) { giveUpHeld(port) }
            }
            giveUpHeld(port)
        }
        let board = board
        for port in 0..<ports.count {
            let index = ports[port].index
            ports[port].reassembler.reset { Self.close($0, of: index, on: board) }
        }
    }
}
