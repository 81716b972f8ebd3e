import DAQCore
import DAQSimulator

extension Scenario {
    /// The scenario of a seed.
    ///
    /// - Parameter packets: about so many packets are sent.
    init(seed: UInt64, packets: Int) {
        var random = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15)
        func pick<Value>(_ values: Value...) -> Value { values[Int(random.next() % UInt64(values.count))] }
        let isFair = pick(true, false)
        self.seed = seed
        weather = isFair ? .fair : .storm
        detector = SimulatedDetector.allCases[Int(random.next() % UInt64(SimulatedDetector.allCases.count))]

        var configuration = detector.configuration
        let timeout: UInt64 = pick(100_000_000, 500_000_000)
        configuration.syncTimeout = timeout
        configuration.receive.window = pick(2, 3, 4, 8)
        configuration.receive.batch = pick(8, 64, 128)
        configuration.incomplete = pick(.emit, .emit, .drop)
        // EIGER has no bunch ids.
        if configuration.type != .eiger { configuration.imageID = pick(.frameNumber, .frameNumber, .bunchID, .bunchIDFloat64) }
        configuration.imageIDStep = pick(1, 1, 2, 10)
        configuration.maxIDGap = pick(10_000, 50)
        self.configuration = configuration

        let streams = configuration.streams
        let window = configuration.receive.window
        let perImage = streams.reduce(0) { $0 + configuration.packetFormat(of: $1).packets.count }
        let frames = min(packets / 8, max(60, packets / perImage))
        let losesStream = pick(false, false, true) && configuration.placedStreams.count > 1
        // All that a fair run may delay an image by is far less than the time-out, in which a ring must hold all images.
        period = timeout / UInt64(isFair && losesStream ? 50 : pick(50, 200, 1000))
        let period = period
        let longestSkew = max(1, period * UInt64(pick(0, 1, isFair && window == 2 ? 1 : 3)) / 4)
        skew = streams.map { _ in random.next() % longestSkew }
        longestDelay = isFair ? period * UInt64(window - 1) * 9 / 10 : period * UInt64(pick(1, window, 20))

        let level = pick(0.0, 0.01, 0.1)
        loss = Chance(pick(0, level, level * 2))
        // Where two packets are a whole frame, two late copies look like a counter that starts again, and two packets with
        // the same wild number like one that jumped.
        let hasTinyFrames = configuration.packetFormat(of: streams[0]).packets.count < 8
        copies = Chance(isFair && hasTinyFrames ? 0 : pick(0, level))
        delays = Chance(pick(0, level, 0.4))
        damage = Chance(pick(0, level / 2))
        wildNumbers = Chance(hasTinyFrames ? 0 : pick(0, level / 20))
        bursts = Chance(pick(0, 0.02))
        longestBurst = isFair ? window - 1 : pick(2, 10, 40)

        pace = period / UInt64(pick(1, 2, 4)) / (isFair && window == 2 ? 4 : 1)
        threads = configuration.moduleGrid == nil ? pick(1, 2) : 1
        stalls = Chance(pick(0, 0.01))
        // Where a counter starts again, ports must see it less than a window apart.
        longestStall = isFair ? period * UInt64(window - 1) / 4 : timeout * UInt64(pick(1, 3))
        socketLimit = isFair ? .max : configuration.packetFormat(of: streams[0]).packets.count * pick(1000, 4, 2)
        // A fair run has a slot for every image that can be anywhere.
        let held = pick(2, 8)
        slots =
            isFair
            ? 4 * window + 16 + 3 * held + Int(longestStall / period) + (losesStream ? 60 : 0)
            : window + pick(MemoryPlan.spareSlots, 8, 24)
        queueLimit = isFair ? held : pick(2, slots, slots)
        watchers = Chance(pick(0, isFair ? 0.02 : 0.1))
        longestWatch = isFair ? period * 4 : timeout * 2
        refusals = Chance(isFair ? 0 : pick(0, 0, 0.05))
        cables = Self.cables(configuration, isCrossed: pick(true, false))

        sinks = (0..<pick(1, 2)).map { _ in
            SinkPlan(
                service: period * UInt64(pick(0, 1, 2, 20)) / 2, failsAt: pick(nil, nil, Int(random.next() % 64)),
                failsInClose: pick(false, false, true))
        }
        wantedImages = pick(nil, nil, nil, frames / 2)

        let placed = configuration.placedStreams.map(\.number)
        stretches = Self.stretches(
            frames: frames, streams: streams.map(\.number), placed: placed, isFair: isFair, timeout: timeout, period: period,
            step: configuration.imageID == .frameNumber ? configuration.imageIDStep : 1, window: window,
            idsGoOn: configuration.imageID != .frameNumber && seed % 4 == 0, &random)
        var silences: [Silence] = []
        let total = stretches.filter { !$0.isCalm }.map { $0.base + $0.count }.max() ?? 0
        if losesStream, let victim = placed.randomElement(using: &random) {
            var begin = Int(random.next() % UInt64(total))
            // A port whose death nobody has waited for yet still counts when the next start is voted on.
            if isFair, let stretch = stretches.last(where: { $0.base <= begin }) {
                begin = stretch.base + max(stretch.base == 0 ? 0 : 8, min(begin - stretch.base, stretch.count - 16))
            }
            // In fair weather a port that has died stays dead: how much of the first frames of one that comes back is late
            // depends on how far the others are.
            silences.append(Silence(stream: victim, frames: begin..<(isFair ? total : min(total, begin + pick(5, 40, 200)))))
        }
        self.silences = silences
    }

    /// The port that the packets of each stream arrive at, by the positions of streams and ports.
    private static func cables(_ configuration: DetectorConfiguration, isCrossed: Bool) -> [Int] {
        let ports = configuration.placedStreams
        return configuration.streams.map { stream in
            let port = ports.firstIndex { $0.number == stream.number }
            guard configuration.moduleGrid != nil else { return port ?? -1 }
            // By grid, every cable may lead anywhere, also that of a module without a position.
            return isCrossed ? ports.count - 1 - (port ?? 0) : port ?? 0
        }
    }

    private static func stretches(
        frames: Int, streams: [Int], placed: [Int], isFair: Bool, timeout: UInt64, period: UInt64, step: UInt64, window: Int,
        idsGoOn: Bool, _ random: inout SplitMix64
    ) -> [Stretch] {
        func pick<Value>(_ values: Value...) -> Value { values[Int(random.next() % UInt64(values.count))] }
        var stretches: [Stretch] = []
        var time: UInt64 = 1_000_000_000
        var base = 0
        func add(_ first: UInt64, _ count: Int, _ streams: [Int], calm: Bool = false, after numbersBefore: UInt64 = 0) {
            stretches.append(
                Stretch(
                    firstNumber: first, count: count, start: time, period: calm ? max(period, timeout / 24) : period, base: base,
                    streams: streams, isCalm: calm, numbersBefore: numbersBefore))
            base += count
        }
        let runs = pick(1, 1, 2, 4)
        for run in 0..<runs {
            let count = max(40, frames / runs)
            // A counter that starts anew starts below where it was, and above where the calm after a storm starts.
            let lowest: UInt64 = isFair ? 1 : 2000
            let first = run == 0 ? lowest + pick(0, 1000, 1 << 40) : lowest + random.next() % 3
            if !isFair, placed.count > 1, pick(false, false, true), let module = placed.randomElement(using: &random) {
                // One module is rebooted on the way and counts from 1 again; what names the images may go on all the same.
                let before = count / 3
                add(first, before, streams)
                let start = time
                time += UInt64(before) * period
                add(first + UInt64(before) * step, count - before, streams.filter { $0 != module })
                time += timeout / UInt64(pick(1, 4, 100))
                let missed = first + UInt64(before) * step - lowest
                add(lowest, count - before, [module], after: idsGoOn ? missed : 0)
                time = start
            } else {
                add(first, count, streams)
            }
            // In fair weather a detector takes longer to restart than anything is kept as evidence.
            time += UInt64(count) * period + (isFair ? timeout * 3 : timeout * UInt64(pick(0, 1, 3)))
        }
        if !isFair {
            time += timeout * 8
            add(pick(1, 7), 60 + 2 * window, streams, calm: true)
        }
        return stretches
    }
}
