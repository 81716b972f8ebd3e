/// Sends images group by group at their time, through faults if a plan says so.
final class ImageTransmitter {
    /// Packets that leave together on one port.
    struct Group {
        var channel: Int
        /// Positions of the packets, whatever that means to the caller.
        var packets: Range<Int>
    }

    /// Bytes of a group: half of a default receive buffer (208 KiB) holds one, though the kernel charges twice the size of a packet.
    static let groupBytes = 60_000
    /// A sender that is further behind gives up the time it lost, as a detector would.
    private static let longestDelay: UInt64 = 1_000_000_000

    let sender: PacketSender
    private var injector: FaultInjector?
    private let pacer: Pacer
    private let stop: StopFlag
    private let scratch: UnsafeMutableRawBufferPointer
    /// Translates the injector's stream numbers to positions in the sender's list of ports.
    private let streamNumbers: [Int]
    private let channels: [Int: Int]
    private var postponed: UInt64 = 0

    /// A transmitter.
    ///
    /// - Parameters:
    ///   - streamNumbers: numbers of the streams that the sender's channels are.
    ///   - ports: UDP ports by stream number, for packets that the plan names by port.
    init(_ sender: PacketSender, faults: FaultPlan, streamNumbers: [Int], ports: [Int], stop: StopFlag) {
        self.sender = sender
        self.stop = stop
        self.streamNumbers = streamNumbers
        channels = Dictionary(uniqueKeysWithValues: streamNumbers.enumerated().map { ($1, $0) })
        injector = faults.isEmpty ? nil : FaultInjector(faults, ports: ports)
        pacer = Pacer(stop: stop)
        scratch = .allocate(byteCount: PacketSender.messageBytes, alignment: 16)
    }

    deinit { scratch.deallocate() }

    /// Deals the packets of all channels into groups, a small one from every channel in turn, as modules send at the same time.
    static func groups(packets: [Range<Int>], datagramBytes: Int) -> [Group] {
        let size = max(1, min(PacketSender.batchDatagrams, groupBytes / max(1, datagramBytes)))
        var groups: [Group] = []
        var turn = 0
        while packets.contains(where: { $0.count > turn }) {
            for (channel, range) in packets.enumerated() where range.count > turn {
                let first = range.lowerBound + turn
                groups.append(Group(channel: channel, packets: first..<min(first + size, range.upperBound)))
            }
            turn += size
        }
        return groups
    }

    /// Sends one image.
    ///
    /// - Parameters:
    ///   - start: when it is due; `nil` for at once.
    ///   - spread: nanoseconds over which its groups are spread; 0 for no pauses.
    ///   - capacity: length of the longest datagram.
    ///   - write: writes a packet of a channel to a place of `capacity` bytes and returns its length.
    /// - Returns: when it was done.
    @discardableResult
    func transmit(
        _ groups: [Group], at start: UInt64?, over spread: UInt64, capacity: Int,
        write: (_ channel: Int, _ packet: Int, _ place: UnsafeMutableRawBufferPointer) -> Int
    ) -> UInt64 {
        sender.beginImage()
        let begin = start.map { $0 + postponed } ?? Pacer.now()
        let interval = spread / UInt64(max(1, groups.count))
        var earliest: UInt64 = 0
        for (index, group) in groups.enumerated() {
            if stop.isSet { break }
            if start != nil || interval > 0 {
                let due = begin + interval * UInt64(index)
                let now = pacer.wait(until: max(due, earliest))
                noteLateness(now > due ? now - due : 0, isFirst: index == 0, isTimed: start != nil)
                // Whoever is late catches up at twice the pace, not in a burst that no buffer holds.
                earliest = now + interval / 2
            }
            send(group, capacity: capacity, write)
        }
        return Pacer.now()
    }

    /// Sends what the faults held back.
    func finish() {
        injector?.finish { [sender, channels] stream, bytes in
            if let channel = channels[stream] { sender.append(channel: channel, bytes) }
        }
        sender.flush()
    }

    /// What was done so far.
    func report(started: UInt64) -> TransmissionReport {
        TransmissionReport(
            sender: sender.statistics, faults: injector?.report ?? FaultReport(), nanoseconds: Pacer.now() - started,
            wasStopped: stop.isSet)
    }

    private func send(_ group: Group, capacity: Int, _ write: (Int, Int, UnsafeMutableRawBufferPointer) -> Int) {
        if injector == nil {
            for packet in group.packets {
                sender.append(channel: group.channel, capacity: capacity) { write(group.channel, packet, $0) }
            }
        } else {
            let stream = streamNumbers[group.channel]
            for packet in group.packets {
                let length = write(group.channel, packet, scratch)
                injector?.process(stream: stream, UnsafeRawBufferPointer(rebasing: scratch[..<length])) { [sender] _, bytes in
                    sender.append(channel: group.channel, bytes)
                }
            }
        }
        sender.flush()
    }

    private func noteLateness(_ lateness: UInt64, isFirst: Bool, isTimed: Bool) {
        guard isTimed else { return }
        sender.statistics.worstLateness = max(sender.statistics.worstLateness, lateness)
        if isFirst, lateness > 1_000_000 { sender.statistics.lateImages += 1 }
        if isFirst, lateness > Self.longestDelay { postponed += lateness }
    }
}
