import DAQSimulator
import Testing

@testable import DAQCore

/// How many images a recording has, so that it ends after as many as were asked for.
@Suite struct ImageCounterTests {
    /// A detector with a counter for its ports, and what it has sent so far.
    private struct Recording: ~Copyable {
        let configuration: DetectorConfiguration
        var counter: ImageCounter
        var time: UInt64 = 1_000_000_000

        init(modules: Int = 1, rows: Int = 64, change: (inout DetectorConfiguration) -> Void = { _ in }) {
            var configuration = DetectorConfiguration.smallJungfrau(modules: modules, rows: rows)
            change(&configuration)
            self.configuration = configuration
            let formats = configuration.placedStreams.map { configuration.packetFormat(of: $0) }
            counter = ImageCounter(configuration, formats: formats)
        }

        mutating func send(_ frame: UInt64, packets: Range<Int> = 56..<72, on port: Int = 0) {
            for packet in packets {
                time += 1000
                let header = PacketHeader(
                    frameNumber: frame, packet: packet, bunchID: 0, timestamp: 0, row: 0, column: 0, information: 0,
                    payloadOffset: 48)
                counter.add(header, on: port, at: time)
            }
        }

        var images: Int { counter.images(at: time) }
    }

    @Test func aWildPacketStopsNothing() {
        for wildAt in 0...3 as ClosedRange<UInt64> {
            var recording = Recording()
            for frame in 1...20 as ClosedRange<UInt64> {
                if frame == wildAt + 1 { recording.send(1 << 60, packets: 56..<57) }
                recording.send(frame)
            }
            #expect(recording.images == 20, "after \(wildAt) frames")
        }
    }

    @Test(arguments: [(10, 1), (10, 5), (3, 1 << 40)] as [(UInt64, UInt64)])
    func countingGoesOnWhereTheDetectorDoes(frames: UInt64, next: UInt64) {
        var recording = Recording()
        for frame in 1...frames { recording.send(frame) }
        for frame in next...next + 9 { recording.send(frame) }
        #expect(recording.images == Int(frames) + 10)
    }

    @Test func theStepOfTheDetectorIsNoJump() {
        var recording = Recording { $0.imageIDStep = 100 }
        for frame in 1...20 as ClosedRange<UInt64> { recording.send(frame * 100) }
        #expect(recording.images == 20)
    }

    /// Frames are over as well when packets are missing, once the window has moved past them.
    @Test func lossAndOrderDoNotMatter() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            var packets = (1...50).flatMap { frame in (56..<72).map { (frame: UInt64(frame), packet: $0) } }
            packets = packets.filter { _ in random.next() % 20 != 0 }
            // Each packet moves by less than a frame.
            for index in packets.indices.dropLast(16) { packets.swapAt(index, index + Int(random.next() % 16)) }
            var recording = Recording()
            for (frame, packet) in packets { recording.send(frame, packets: packet..<packet + 1) }
            let window = recording.configuration.receive.window
            #expect((50 - window...50).contains(recording.images), "seed \(seed): \(recording.images)")
        }
    }

    @Test func portsThatStartLateAreWaitedFor() {
        var recording = Recording(modules: 3)
        recording.send(1, on: 0)
        recording.send(1, on: 1)
        #expect(recording.images == 0, "the third port is yet to come")
        recording.send(1, on: 2)
        #expect(recording.images == 1)
    }

    @Test func aPortThatIsNotThereIsWaitedForOnce() {
        var recording = Recording(modules: 3)
        for frame in 1...5 as ClosedRange<UInt64> { for port in 0..<2 { recording.send(frame, on: port) } }
        #expect(recording.images == 0)
        recording.time += recording.configuration.syncTimeout
        #expect(recording.images == 5)
        recording.send(6, on: 0)
        recording.send(6, on: 1)
        #expect(recording.images == 6)
    }
}
