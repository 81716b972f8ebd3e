import DAQBuffer
import DAQCore

/// One run of the receive core, event by event, with everything that must hold after each.
///
/// Every datagram carries the same 16-bit pixel all over: the lower bits say stream and packet, the upper ones the frame.
/// So every published pixel tells where it came from.
struct ReceiverRun {
    private let configuration: DetectorConfiguration
    private let detector: FuzzDetector
    private let ring: ImageRing
    private let streams: [UDPStream]
    private let formats: [StandardPacketFormat]
    private let receiver: SocketlessReceiver
    private var inspector: ImageInspector
    private var datagram: [UInt8]
    private var time: UInt64 = 1_000_000_000
    /// The frame that the detector is at.
    private var frame: UInt64 = 1
    private var delivered: UInt64 = 0
    private var heldImages: [Image] = []
    /// Whether the next published image is kept.
    private var keepsNext = 0
    private var consumerSleeps = false

    init(settings: ReceiverSettings) {
        configuration = settings.configuration
        detector = settings.detector
        ring = settings.ring
        streams = configuration.placedStreams
        formats = streams.map { [configuration] in configuration.packetFormat(of: $0) }
        do {
            receiver = try SocketlessReceiver(configuration, into: ring)
        } catch {
            preconditionFailure("\(detector) cannot be received: \(error)")
        }
        inspector = ImageInspector(streams, formats, isByFrameNumber: configuration.imageID == .frameNumber)
        datagram = [UInt8](repeating: 0, count: (formats.map(\.maximumDatagramBytes).max() ?? 0) + 1)
    }

    /// Takes the next event from an input and lets it happen.
    mutating func next(_ input: inout FuzzInput) {
        switch input.byte() % 16 {
        case 0...4:
            let port = input.number(below: streams.count)
            let packet = input.number(below: formats[port].packets.count)
            deliver(header(port, packet, ahead: Int8(bitPattern: input.byte())), to: port)
        case 5: endVisit(of: input.number(below: streams.count), &input)
        case 6: deliverFrames(frameCount: 1)
        case 7: frame = frame &+ UInt64(bitPattern: Int64(Int8(bitPattern: input.byte())))
        case 8: setFrame(&input)
        case 9: pass(milliseconds: input.number(below: 256) * 4)
        case 10: deliverSameBunch(&input)
        case 11: keepsNext = min(keepsNext + 1, 64)
        case 12: releaseOldest()
        case 13: deliverDamaged(&input)
        case 14: deliverOtherLength(&input)
        default: consumerSleeps.toggle()
        }
        check()
    }

    /// Ends the run: nothing may be left over.
    mutating func finish() {
        consumerSleeps = false
        receiver.finish()
        check()
        let ledger = receiver.ledger
        require(ledger.packets.held == 0, "\(ledger.packets.held) datagrams are held after the run")
        require(
            ledger.images.published == inspector.published,
            "the ledger has \(ledger.images.published) images, \(inspector.published) were delivered")
        while !heldImages.isEmpty { releaseOldest() }
        require(ring.freeCount == ring.slotCount, "\(ring.slotCount - ring.freeCount) slots were never given back")
    }

    // MARK: Events

    private mutating func setFrame(_ input: inout FuzzInput) {
        switch input.number(below: 5) {
        case 0: frame = 0
        case 1: frame = 1
        case 2: frame = .max - UInt64(input.number(below: 8))
        case 3: frame = frame &+ UInt64(input.byte()) << 8
        default: frame = input.word()
        }
    }

    private mutating func deliverFrames(frameCount: Int) {
        for port in streams.indices {
            for packet in 0..<formats[port].packets.count { deliver(header(port, packet, ahead: 0), to: port) }
            receiver.endVisit(of: port, at: time, isEmpty: true)
        }
        frame &+= configuration.imageID == .frameNumber ? configuration.imageIDStep : 1
    }

    /// A detector whose bunch id stands still, or comes from elsewhere.
    private mutating func deliverSameBunch(_ input: inout FuzzInput) {
        let bunch = UInt64(input.byte())
        for port in streams.indices {
            for packet in 0..<formats[port].packets.count {
                deliver(header(port, packet, ahead: 0, bunch: bunch), to: port)
            }
        }
        frame &+= 1
    }

    private mutating func deliverDamaged(_ input: inout FuzzInput) {
        let port = input.number(below: streams.count)
        var damaged = header(port, input.number(below: formats[port].packets.count), ahead: Int8(bitPattern: input.byte()))
        for _ in 0...input.number(below: 4) {
            damaged.bytes[input.number(below: StandardPacketFormat.headerBytes)] = input.byte()
        }
        deliver(damaged, to: port)
    }

    private mutating func deliverOtherLength(_ input: inout FuzzInput) {
        let port = input.number(below: streams.count)
        // Sockets cut off what is longer by more than a byte.
        let length = input.byte() & 1 == 0 ? formats[port].maximumDatagramBytes + 1 : Int(input.byte())
        delivered += 1
        datagram.withUnsafeBytes {
            receiver.receive(UnsafeRawBufferPointer(rebasing: $0[..<length]), on: port, at: time)
        }
    }

    private mutating func endVisit(of port: Int, _ input: inout FuzzInput) {
        let flags = input.byte()
        receiver.endVisit(of: port, at: time, isEmpty: flags & 2 != 0)
    }

    /// What somebody held has stayed as it was.
    private mutating func releaseOldest() {
        guard !heldImages.isEmpty else { return }
        inspector.inspectPixels(of: heldImages.removeFirst())
    }

    private mutating func pass(milliseconds: Int) {
        // In steps, as a thread that polls sees it.
        for _ in 0..<4 {
            time += UInt64(milliseconds) * 250_000
            for port in streams.indices { receiver.endVisit(of: port, at: time, isEmpty: true) }
            deliverDue()
        }
    }

    // MARK: Datagrams

    private func header(_ port: Int, _ packet: Int, ahead: Int8, bunch: UInt64? = nil) -> PacketHeaderBytes {
        let number = frame &+ UInt64(bitPattern: Int64(ahead))
        let bunch = bunch ?? number
        return PacketHeaderBytes(
            detector: formats[port].detector, frame: number, packet: formats[port].packets.lowerBound + packet,
            bunch: configuration.imageID == .bunchIDFloat64 ? Double(bunch).bitPattern : bunch, row: streams[port].row,
            column: streams[port].column)
    }

    private mutating func deliver(_ header: PacketHeaderBytes, to port: Int) {
        let row = Int(header.load(UInt16.self, at: 34))
        let column = Int(header.load(UInt16.self, at: 36))
        let owner =
            configuration.moduleGrid == nil
            ? port : streams.firstIndex { $0.row == row && $0.column == column } ?? port
        let pixel = inspector.pixel(
            frame: header.load(UInt64.self, at: 0), port: owner, packet: Int(header.load(UInt32.self, at: 12)))
        let length = formats[port].maximumDatagramBytes
        delivered += 1
        datagram.withUnsafeMutableBytes { bytes in
            bytes.copyBytes(from: header.bytes)
            let pixels = UnsafeMutableRawBufferPointer(rebasing: bytes[StandardPacketFormat.headerBytes..<length])
            pixels.bindMemory(to: UInt16.self).update(repeating: pixel)
            receiver.receive(UnsafeRawBufferPointer(rebasing: bytes[..<length]), on: port, at: time)
        }
        time += 1000
    }

    // MARK: What must hold

    private mutating func check() {
        if !consumerSleeps { deliverDue() }
        let ledger = receiver.ledger
        require(ledger.imbalance == nil, "out of balance: \(ledger.imbalance ?? "")")
        require(ledger.packets.received == delivered, "\(delivered) datagrams delivered, \(ledger.packets.received) received")
    }

    private mutating func deliverDue() {
        var images: [Image] = []
        receiver.deliverDue { images.append($0) }
        for image in images {
            inspector.inspect(image)
            guard keepsNext > 0 else { continue }
            keepsNext -= 1
            heldImages.append(image)
        }
    }
}
