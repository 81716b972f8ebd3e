import DAQBuffer
import DAQCore
import DAQSimulator

/// One run of the whole pipeline under a simulated clock and network.
///
/// Detector, network, sockets, receive core, ring, stages, queues and sinks take turns; everything that comes out is compared with
/// what was sent, while it goes on and in the end.
struct SimulationRun {
    private let scenario: Scenario
    private let buffer: SimulatedBuffer
    private let receiver: SocketlessReceiver
    private let pipeline: ThreadlessPipeline
    private let sinks: [SimulatedSink]
    private let writer: DatagramWriter
    private let batch: Int
    private var network: Network
    private var arrivals: Arrivals
    private var checker: ImageChecker
    private var model: PipelineModel
    private var random: SplitMix64
    /// Changes an image before it is checked: a checker must notice.
    private let lie: ((inout ImageMetadata) -> Void)?

    /// Passes over its ports that a thread makes while hardly any time goes by.
    private let longestWork: Int
    private var time: UInt64 = 1_000_000_000
    private var steps = 0
    /// When each receiving thread, the thread that finishes images, and each sink goes on.
    private var receivingFrom: [UInt64]
    private var finishingFrom: UInt64 = 0
    private var servingFrom: [UInt64]
    private var watched: [(image: Image, until: UInt64)] = []
    private var isCalm = false

    init(_ scenario: Scenario, damagedImage: UInt64?, lie: ((inout ImageMetadata) -> Void)?) throws {
        self.scenario = scenario
        self.lie = lie
        let configuration = scenario.configuration
        let streams = configuration.streams
        let formats = streams.map { configuration.packetFormat(of: $0) }
        let pixels = PixelModel(configuration, streams: streams, formats: formats, seed: scenario.seed)
        buffer = try SimulatedBuffer(scenario, damagedImage: damagedImage)
        receiver = try SocketlessReceiver(configuration, into: buffer)
        sinks = scenario.sinks.enumerated().map { SimulatedSink($0, $1) }
        let stages = SimulatedStage.pair(scenario.seed)
        pipeline = ThreadlessPipeline(
            queueLimit: scenario.queueLimit, images: scenario.wantedImages, stages: stages, sinks: sinks)
        try pipeline.open(RunDescription(configuration: configuration, format: buffer.format))
        writer = DatagramWriter(scenario, formats: formats, pixels: pixels)
        network = Network(scenario, ports: receiver.portCount)
        arrivals = Arrivals(scenario, formats: formats)
        checker = ImageChecker(scenario, model: pixels, formats: formats)
        model = PipelineModel(scenario, stages: stages)
        random = SplitMix64(seed: scenario.seed ^ 0xC10C)
        batch = configuration.receive.batch
        longestWork = 1 + 2 * (formats.map(\.packets.count).max() ?? 0) / configuration.receive.batch
        receivingFrom = Array(repeating: 0, count: scenario.threads)
        servingFrom = Array(repeating: 0, count: sinks.count)
    }

    /// Lets everything happen.
    mutating func run() throws(Violation) -> SimulationReport {
        // After the last packet, time passes until nothing can be waited for any more.
        var end: UInt64?
        while end.map({ time < $0 }) ?? true {
            try step()
            if end == nil, network.isEmpty { end = time + 3 * scenario.configuration.syncTimeout + scenario.longestStall }
        }
        try finish()
        // Everything else that the run has given is in the ledger.
        return SimulationReport(
            packets: arrivals.received, images: checker.published, digest: checker.digest.value, ledger: ledger)
    }

    private var ledger: PipelineLedger {
        var ledger = PipelineLedger()
        ledger.receive = receiver.ledger
        (ledger.chain, ledger.sinks) = pipeline.ledger
        return ledger
    }

    // MARK: Time

    private mutating func step() throws(Violation) {
        steps += 1
        pass()
        network.send(until: time)
        for thread in receivingFrom.indices where receivingFrom[thread] <= time {
            // It goes on while there is something, as fast as a processor that is faster than the detector.
            var passes = 0
            while passes < longestWork, !visit(thread) { passes += 1 }
            receivingFrom[thread] = stall()
        }
        if finishingFrom <= time {
            try deliver()
            finishingFrom = stall()
        }
        try serve()
        try release()
        if steps % 16 == 0 { try checkBalance() }
    }

    /// Time goes on a little, or to the next event if there is none for long.
    private mutating func pass() {
        let little = 1 + random.next() % (isAtFairStart ? max(1, scenario.pace / 8) : scenario.pace)
        let next = network.nextEvent
        let idle = next > time ? min(next - time, scenario.configuration.syncTimeout / 8) : 0
        time += max(little, idle)
        if !isCalm, let calm = scenario.stretches.first(where: \.isCalm),
            time + 4 * scenario.configuration.syncTimeout > calm.start
        {
            isCalm = true
            buffer.calm()
        }
    }

    /// When a thread goes on: now, or after a while in which it was kept from its work.
    private mutating func stall() -> UInt64 {
        var bits = random.next()
        guard scenario.stalls.happens(&bits), !isCalm, !isAtFairStart else { return 0 }
        return time + bits % scenario.longestStall
    }

    /// Whether a counter is about to start again in fair weather: a port can hold one frame until the others agree, so none may
    /// be kept from its work for longer.
    private var isAtFairStart: Bool {
        scenario.weather == .fair
            && scenario.stretches.contains { stretch in
                stretch.start <= time + scenario.longestStall
                    && time <= stretch.start + UInt64(Scenario.quietFrames) * scenario.period
            }
    }

    // MARK: Threads

    /// A receiving thread visits its ports.
    ///
    /// - Returns: whether all were empty.
    private mutating func visit(_ thread: Int) -> Bool {
        let ports = receiver.portCount * thread / scenario.threads..<receiver.portCount * (thread + 1) / scenario.threads
        var areEmpty = true
        let batch = batch
        for port in ports {
            network.overflow(port, at: time)
            var count = 0
            while count < batch, let packet = network.take(from: port, at: time) {
                arrivals.note(packet, on: port, at: time)
                writer.write(packet) { receiver.receive($0, on: port, at: time) }
                count += 1
            }
            let isEmpty = count < batch
            receiver.endVisit(of: port, at: time, isEmpty: isEmpty)
            areEmpty = areEmpty && isEmpty
        }
        return areEmpty
    }

    /// The thread that finishes images takes those that are due.
    private mutating func deliver() throws(Violation) {
        var images: [Image] = []
        receiver.deliverDue { images.append($0) }
        for published in images {
            var image = published
            lie?(&image.metadata)
            try checker.check(image, against: arrivals)
            let wantsMore = pipeline.deliver(published)
            try requireEqual(wantsMore, model.deliver(published.metadata), "wish for more images")
            var bits = random.next()
            if scenario.watchers.happens(&bits), watched.count < 3, !isCalm {
                watched.append((published, time + bits % scenario.longestWatch))
            }
        }
    }

    /// Sinks that are free take their next image.
    private mutating func serve() throws(Violation) {
        for sink in sinks.indices {
            while servingFrom[sink] <= time, try serveNext(sink) {
                servingFrom[sink] = max(servingFrom[sink], time) + (isCalm ? 0 : scenario.sinks[sink].service)
            }
        }
    }

    private mutating func serveNext(_ sink: Int) throws(Violation) -> Bool {
        let expected = model.serve(sink)
        try requireEqual(pipeline.serveNext(ofSink: sink), expected.waiting, "an image waits for \(sinks[sink].name)")
        let image = sinks[sink].takeImage()
        try requireEqual(image?.metadata.name, expected.given?.name, "image of \(sinks[sink].name)")
        try require(
            image?.metadata == expected.given,
            "image \(image?.metadata.name ?? "") has other metadata at \(sinks[sink].name) than were given to it")
        // The ring alone could have changed it since it was published: some are looked at again.
        if let image, image.metadata.id % 4 == 0 { try checker.checkAgain(image, against: arrivals) }
        return expected.waiting
    }

    /// Watchers let go of images, which are still as they were.
    private mutating func release() throws(Violation) {
        for watch in watched where watch.until <= time { try checker.checkAgain(watch.image, against: arrivals) }
        watched.removeAll { $0.until <= time }
    }

    // MARK: The end

    private mutating func finish() throws(Violation) {
        receiver.finish()
        try deliver()
        for sink in sinks.indices { while try serveNext(sink) {} }
        pipeline.finish()
        model.close()
        for watch in watched { try checker.checkAgain(watch.image, against: arrivals) }
        watched.removeAll()
        try checkBalance()
        try model.check(pipeline.ledger)
        for sink in sinks { try requireEqual(sink.closed, 1, "\(sink.name) was closed so many times") }
        try requireEqual(buffer.ring.freeCount, scenario.slots, "free slots after the run")
        let truth = LedgerChecker(scenario, arrivals, checker, buffer.counts)
        try truth.check(receiver.ledger)
    }

    private func checkBalance() throws(Violation) {
        let ledger = ledger
        if let imbalance = ledger.imbalance { throw Violation(description: imbalance) }
        try requireEqual(ledger.receive.packets.received, arrivals.received, "received datagrams")
        let most = scenario.configuration.placedStreams.reduce(0) {
            $0 + max(64, scenario.configuration.packetFormat(of: $1).packets.count)
        }
        try require(ledger.receive.packets.held <= most, "\(ledger.receive.packets.held) packets are held, at most \(most)")
        for sink in ledger.sinks {
            try require(sink.waiting <= scenario.queueLimit, "\(sink.waiting) images wait at \(sink.name)")
        }
    }
}
