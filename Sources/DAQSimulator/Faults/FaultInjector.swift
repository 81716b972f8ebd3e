/// Does to a stream of packets what a ``FaultPlan`` says, and keeps account of it.
///
/// A value without clock or socket: it is given packets and yields what is to be sent. Decisions are made for each stream by a
/// generator with the seed `plan.seed ^ (stream + 1) × 0x9E3779B97F4A7C15`, six numbers a packet whatever the plan says, so they do
/// not depend on how streams are interleaved, and raising one probability does not move the other faults.
public struct FaultInjector: Sendable {
    private struct Held {
        var due: Int
        var bytes: [UInt8]
    }

    private struct Stream {
        var random: SplitMix64
        var count = 0
        var held: [Held] = []
    }

    /// The plan.
    public let plan: FaultPlan
    /// What was done so far.
    public private(set) var report = FaultReport()
    private let ports: [Int]
    private var streams: [Int: Stream] = [:]
    private var firstFrame: UInt64?

    /// An injector at the beginning of a run.
    ///
    /// - Parameter ports: UDP ports by stream number, for packets that the plan names by port.
    public init(_ plan: FaultPlan, ports: [Int] = []) {
        self.plan = plan
        self.ports = ports
    }

    /// Takes the next packet of a stream, and yields what is sent now: nothing, this packet, others that were held back.
    public mutating func process(
        stream number: Int, _ datagram: UnsafeRawBufferPointer,
        _ yield: (_ stream: Int, _ datagram: UnsafeRawBufferPointer) -> Void
    ) {
        var stream = streams.removeValue(forKey: number) ?? makeStream(number)
        defer { streams[number] = stream }
        let isLost = stream.random.happens(plan.loss)
        let isDoubled = stream.random.happens(plan.duplicate)
        let isDamaged = stream.random.happens(plan.corruption)
        let damage = stream.random.next()
        let wait = delay(stream.random.next())
        let secondWait = delay(stream.random.next())

        report.offered += 1
        stream.count += 1
        let packet = address(of: datagram, stream: number)
        if isNamed(packet) {
            report.dropped += 1
            report.noteLoss(packet)
        } else if isLost {
            report.lost += 1
            report.noteLoss(packet)
        } else if isDamaged, !plan.corruptionKinds.isEmpty {
            let changed = damaged(renumbered(datagram), packet, random: damage)
            changed.withUnsafeBytes { bytes in
                deliver(bytes, number, wait, &stream, yield)
            }
        } else if plan.restartAfter == nil {
            deliver(datagram, number, wait, &stream, yield)
            if isDoubled { double(datagram, number, secondWait, &stream, yield) }
        } else {
            renumbered(datagram).withUnsafeBytes { bytes in
                deliver(bytes, number, wait, &stream, yield)
                if isDoubled { double(bytes, number, secondWait, &stream, yield) }
            }
        }
        release(number, &stream, until: stream.count, yield)
    }

    /// Yields everything that is still held back, at the end of a run.
    public mutating func finish(
        _ yield: (_ stream: Int, _ datagram: UnsafeRawBufferPointer) -> Void
    ) {
        for number in streams.keys.sorted() {
            guard var stream = streams[number] else { continue }
            defer { streams[number] = stream }
            release(number, &stream, until: .max, yield)
        }
    }

    private func makeStream(_ number: Int) -> Stream {
        Stream(random: SplitMix64(seed: plan.seed ^ UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15))
    }

    /// Half of the packets wait, for one to `reorder` packets.
    private func delay(_ random: UInt64) -> Int {
        guard plan.reorder > 0, random & 1 == 1 else { return 0 }
        return 1 + Int((random >> 1) % UInt64(plan.reorder))
    }

    private mutating func double(
        _ datagram: UnsafeRawBufferPointer, _ number: Int, _ delay: Int, _ stream: inout Stream,
        _ yield: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        report.duplicated += 1
        deliver(datagram, number, delay, &stream, yield)
    }

    private mutating func deliver(
        _ datagram: UnsafeRawBufferPointer, _ number: Int, _ delay: Int, _ stream: inout Stream,
        _ yield: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        if delay == 0 {
            report.delivered += 1
            yield(number, datagram)
        } else {
            report.delayed += 1
            report.held += 1
            stream.held.append(Held(due: stream.count + delay, bytes: Array(datagram)))
        }
    }

    private mutating func release(
        _ number: Int, _ stream: inout Stream, until count: Int, _ yield: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        var index = 0
        while index < stream.held.count {
            guard stream.held[index].due <= count else {
                index += 1
                continue
            }
            let held = stream.held.remove(at: index)
            report.held -= 1
            report.delivered += 1
            held.bytes.withUnsafeBytes { bytes in yield(number, bytes) }
        }
    }

    // MARK: What is in a datagram

    private func address(of datagram: UnsafeRawBufferPointer, stream: Int) -> PacketAddress {
        guard datagram.count >= 16 else { return PacketAddress(image: 0, port: stream, packet: -1) }
        let frame = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let packet = UInt32(littleEndian: datagram.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        return PacketAddress(image: frame, port: stream, packet: Int(packet))
    }

    private func isNamed(_ packet: PacketAddress) -> Bool {
        guard !plan.dropped.isEmpty else { return false }
        if plan.dropped.contains(packet) { return true }
        guard ports.indices.contains(packet.port) else { return false }
        return plan.dropped.contains(PacketAddress(image: packet.image, port: ports[packet.port], packet: packet.packet))
    }

    private mutating func renumbered(_ datagram: UnsafeRawBufferPointer) -> [UInt8] {
        var bytes = Array(datagram)
        guard let length = plan.restartAfter, length > 0, bytes.count >= 8 else { return bytes }
        let frame = UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let first = firstFrame ?? frame
        firstFrame = first
        guard frame >= first else { return bytes }
        let restarted = first + (frame - first) % length
        withUnsafeBytes(of: restarted.littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
        return bytes
    }

    private mutating func damaged(_ datagram: [UInt8], _ packet: PacketAddress, random: UInt64) -> [UInt8] {
        var bytes = datagram
        var random = SplitMix64(seed: random)
        let kind = plan.corruptionKinds[Int(random.next() % UInt64(plan.corruptionKinds.count))]
        var offset = -1
        // Shorter datagrams have no such fields; they are cut instead.
        if bytes.count < 48 {
            bytes.removeLast(min(1, bytes.count))
            report.note(Corruption(packet: packet, kind: .truncated, offset: -1))
            return bytes
        }
        switch kind {
        case .flippedBit:
            // Exposure, upper half of the packet number, module, row, column, detSpec 2 to 4, type and version. A changed frame
            // or low packet number would be a credible packet of another place, which no receiver could tell from a true one.
            let fields = [8, 9, 10, 11, 14, 15] + Array(32..<48)
            offset = fields[Int(random.next() % UInt64(fields.count))]
            bytes[offset] ^= 1 << UInt8(random.next() % 8)
        case .truncated: bytes.removeLast(1 + Int(random.next() % UInt64(bytes.count)))
        case .oversize: bytes.append(contentsOf: repeatElement(0xA5, count: 1 + Int(random.next() % 64)))
        case .version: bytes[47] = 3 + UInt8(random.next() % 250)
        case .detectorType: bytes[46] = bytes[46] &+ (1 + UInt8(random.next() % 100))
        case .packetNumber:
            let number = (512 + UInt32(truncatingIfNeeded: random.next() % 1_000_000_000)).littleEndian
            withUnsafeBytes(of: number) { bytes.replaceSubrange(12..<16, with: $0) }
        case .frameNumber: bytes[5] ^= 0x40
        }
        report.note(Corruption(packet: packet, kind: kind, offset: offset))
        return bytes
    }
}
