import DAQCore

/// What really arrived: the truth that images and ledgers are compared with.
struct Arrivals {
    private let scenario: Scenario
    private let formats: [StandardPacketFormat]
    private let words: Int
    private let streamCount: Int
    /// One bit a packet, by frame and stream: whether it was handed over whole.
    private var bits: [UInt64]
    /// When the first and the last packet of a frame were handed over, whichever the stream.
    private(set) var firstAt: [UInt64]
    private(set) var lastAt: [UInt64]
    /// The wrong row that the first packet of each port named, or that it named the right one.
    private var positions: [UInt16??]
    private let isPlaced: [Bool]

    /// Datagrams handed over.
    private(set) var received: UInt64 = 0
    /// Good packets handed over for the first time, and again.
    private(set) var fresh: UInt64 = 0
    private(set) var again: UInt64 = 0
    /// Packets whose frame number is wild.
    private(set) var wild: UInt64 = 0
    private(set) var malformed: [MalformedReason: UInt64] = [:]
    private(set) var foreign: [ForeignReason: UInt64] = [:]
    private(set) var unplaced: UInt64 = 0
    private(set) var positionChanged: UInt64 = 0

    init(_ scenario: Scenario, formats: [StandardPacketFormat]) {
        self.scenario = scenario
        self.formats = formats
        words = ((formats.map(\.packets.count).max() ?? 0) + 63) / 64
        streamCount = formats.count
        bits = Array(repeating: 0, count: scenario.frameCount * streamCount * words)
        firstAt = Array(repeating: .max, count: scenario.frameCount)
        lastAt = Array(repeating: 0, count: scenario.frameCount)
        positions = Array(repeating: nil, count: streamCount)
        let placed = Set(scenario.configuration.placedStreams.map(\.number))
        isPlaced = (0..<streamCount).map(placed.contains)
    }

    /// Notes a packet that the receiver gets.
    mutating func note(_ packet: Packet, on port: Int, at time: UInt64) {
        received += 1
        let stream = Int(packet.stream)
        let isByGrid = scenario.configuration.moduleGrid != nil
        switch packet.damage {
        case .shorter, .longer: return malformed[.length, default: 0] += 1
        case .version: return malformed[.version, default: 0] += 1
        case .detectorType: return foreign[.detectorType, default: 0] += 1
        case .packetNumber: return malformed[.packetNumber, default: 0] += 1
        case .position where isByGrid: return foreign[.position, default: 0] += 1
        case .none, .position, .number: break
        }
        if !isByGrid {
            let row = packet.damage == .position ? DatagramWriter.wrongRow(ofFrame: Int(packet.frame)) : nil
            if let known = positions[port], known != row { positionChanged += 1 }
            if positions[port] == nil { positions[port] = .some(row) }
        }
        guard isPlaced[stream] else { return unplaced += 1 }
        guard packet.damage != .number else { return wild += 1 }
        let frame = Int(packet.frame)
        let index = (frame * streamCount + stream) * words + Int(packet.packet) >> 6
        let bit: UInt64 = 1 << UInt64(packet.packet & 63)
        if bits[index] & bit != 0 { return again += 1 }
        bits[index] |= bit
        fresh += 1
        firstAt[frame] = min(firstAt[frame], time)
        lastAt[frame] = max(lastAt[frame], time)
    }

    /// Whether a packet (counted from 0) was handed over whole.
    @inline(__always)
    func has(_ packet: Int, stream: Int, frame: Int) -> Bool {
        bits[(frame * streamCount + stream) * words + packet >> 6] >> UInt64(packet & 63) & 1 != 0
    }

    /// Frames of which anything was handed over.
    var framesHeard: UInt64 { UInt64(firstAt.count { $0 != .max }) }

    /// Packets of a frame of a stream that were handed over.
    func count(stream: Int, frame: Int) -> Int {
        let first = (frame * streamCount + stream) * words
        return bits[first..<first + words].reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Frames of the run that have an image id: more than one when the detector's counter has started again.
    func frames(withID id: UInt64) -> [Int] {
        scenario.stretches.compactMap { stretch in
            let first = scenario.imageID(ofNumber: stretch.firstNumber + stretch.numbersBefore)
            guard id >= first, (id - first) % scenario.configuration.imageIDStep == 0 else { return nil }
            let index = (id - first) / scenario.configuration.imageIDStep
            return index < UInt64(stretch.count) ? stretch.base + Int(index) : nil
        }
    }
}
