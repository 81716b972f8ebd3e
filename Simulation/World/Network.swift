import DAQCore
import DAQSimulator

/// A packet on its way to a port.
struct Packet {
    /// What is wrong with it.
    enum Damage: UInt8, CaseIterable {
        case none, shorter, longer, version, detectorType, packetNumber, position, number
    }

    var arrival: UInt64
    /// Frame in the numbering of the whole run.
    var frame: Int32
    /// Counted from 0 in its frame.
    var packet: UInt16
    /// Position of the stream among all streams.
    var stream: UInt8
    var damage: Damage
}

/// What waits at one port, in the order of arrival.
struct Wire {
    private var packets: ContiguousArray<Packet> = []
    private var first = 0

    var next: Packet? { first < packets.count ? packets[first] : nil }

    /// Adds a packet; most come in order.
    mutating func insert(_ packet: Packet) {
        packets.append(packet)
        var index = packets.count - 1
        while index > first, packets[index - 1].arrival > packet.arrival {
            packets[index] = packets[index - 1]
            index -= 1
        }
        packets[index] = packet
    }

    mutating func removeFirst() {
        first += 1
        guard first > 4096, first * 2 > packets.count else { return }
        packets.removeFirst(first)
        first = 0
    }

    /// Drops what has arrived by `time` at a socket that was full.
    ///
    /// - Returns: how many packets were dropped.
    mutating func overflow(at time: UInt64, limit: Int) -> Int {
        guard limit < packets.count - first else { return 0 }
        var end = first + limit
        while end < packets.count, packets[end].arrival <= time { end += 1 }
        packets.removeSubrange(first + limit..<end)
        return end - first - limit
    }
}

/// The detector and the way of its packets to the sockets.
struct Network {
    private let scenario: Scenario
    private let streams: [UDPStream]
    private let packetCounts: [Int]
    private(set) var wires: [Wire]
    private var random: SplitMix64
    /// Frames of each stretch that were sent.
    private var sent: [Int]
    /// For each stream how many frames more are lost; below 0, how many at least are not.
    private var burst: [Int]
    /// Datagrams that sockets had no room for.
    private(set) var overflowed = 0

    init(_ scenario: Scenario, ports: Int) {
        self.scenario = scenario
        streams = scenario.configuration.streams
        packetCounts = streams.map { scenario.configuration.packetFormat(of: $0).packets.count }
        wires = Array(repeating: Wire(), count: ports)
        sent = scenario.stretches.map { _ in 0 }
        burst = Array(repeating: 0, count: streams.count)
        random = SplitMix64(seed: scenario.seed &* 0xD1B5_4A32_D192_ED03 &+ 1)
    }

    /// The stretch whose next frame is sent first, and when; several may go on at a time.
    private var next: (stretch: Int, time: UInt64)? {
        var next: (stretch: Int, time: UInt64)?
        for (index, stretch) in scenario.stretches.enumerated() where sent[index] < stretch.count {
            let time = stretch.start + UInt64(sent[index]) * stretch.period
            if next.map({ time < $0.time }) ?? true { next = (index, time) }
        }
        return next
    }

    /// Sends everything that is sent by `time`.
    mutating func send(until time: UInt64) {
        while let next, next.time <= time {
            for stream in scenario.stretches[next.stretch].streams { sendFrame(of: stream, next.stretch, at: next.time) }
            sent[next.stretch] += 1
        }
    }

    /// When the next packet arrives anywhere, or is sent.
    var nextEvent: UInt64 { wires.reduce(next?.time ?? .max) { min($0, $1.next?.arrival ?? .max) } }

    /// Whether nothing is on its way.
    var isEmpty: Bool { next == nil && wires.allSatisfy { $0.next == nil } }

    /// Takes what a socket gives at a time.
    mutating func take(from port: Int, at time: UInt64) -> Packet? {
        guard let packet = wires[port].next, packet.arrival <= time else { return nil }
        wires[port].removeFirst()
        return packet
    }

    /// A port is visited after a pause.
    mutating func overflow(_ port: Int, at time: UInt64) {
        overflowed += wires[port].overflow(at: time, limit: scenario.socketLimit)
    }

    private mutating func sendFrame(of stream: Int, _ stretch: Int, at time: UInt64) {
        let plan = scenario.stretches[stretch]
        let number = plan.base + sent[stretch]
        let port = scenario.cables[stream]
        guard port >= 0 else { return }
        let isQuiet =
            plan.isCalm || sent[stretch] < Scenario.quietFrames || sent[stretch] >= plan.count - Scenario.quietFrames
        guard !isSilent(stream, number), isQuiet || !isInBurst(stream) else { return }
        let start = time + scenario.skew[stream]
        let pause = scenario.period / UInt64(packetCounts[stream] + 1)
        for index in 0..<packetCounts[stream] {
            var packet = Packet(
                arrival: start + UInt64(index) * pause, frame: Int32(number), packet: UInt16(index), stream: UInt8(stream),
                damage: .none)
            if !isQuiet { decide(&packet, port) } else { wires[port].insert(packet) }
        }
    }

    /// What becomes of a packet on its way.
    private mutating func decide(_ packet: inout Packet, _ port: Int) {
        var bits = random.next()
        let isLost = scenario.loss.happens(&bits)
        let isCopied = scenario.copies.happens(&bits)
        let isDelayed = scenario.delays.happens(&bits)
        // In fair weather every frame outside a burst is heard of, however few packets it has.
        guard scenario.weather == .storm || packet.packet > 0 else {
            wires[port].insert(packet)
            return
        }
        if isLost { return }
        if scenario.damage.happens(&bits) {
            packet.damage = Packet.Damage.allCases[1 + Int(random.next() % 6)]
        } else if scenario.wildNumbers.threshold > 0 {
            bits = random.next()
            if scenario.wildNumbers.happens(&bits) { packet.damage = .number }
        }

        let sent = packet.arrival
        if isDelayed { packet.arrival = sent + random.next() % scenario.longestDelay }
        wires[port].insert(packet)
        if isCopied {
            packet.arrival = sent + random.next() % scenario.longestDelay
            wires[port].insert(packet)
        }
    }

    private func isSilent(_ stream: Int, _ frame: Int) -> Bool {
        scenario.silences.contains { $0.stream == stream && $0.frames.contains(frame) }
    }

    private mutating func isInBurst(_ stream: Int) -> Bool {
        guard scenario.bursts.threshold > 0 else { return false }
        if burst[stream] == 0 {
            var bits = random.next()
            guard scenario.bursts.happens(&bits) else { return false }
            burst[stream] = 1 + Int(bits % UInt64(scenario.longestBurst))
        }
        guard burst[stream] > 0 else {
            burst[stream] += 1
            return false
        }
        burst[stream] -= 1
        if burst[stream] == 0 { burst[stream] = -scenario.configuration.receive.window }
        return true
    }
}
