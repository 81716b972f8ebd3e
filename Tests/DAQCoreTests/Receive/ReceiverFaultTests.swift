import Testing

@testable import DAQCore

/// What the receiver does with the faults of real networks and detectors, packet by packet.
@Suite struct ReceiverFaultTests {
    /// All packets of a frame of one port.
    private func frame(_ number: UInt64, port: Int, packets: Range<Int> = 60..<68) -> [[UInt8]] {
        packets.map { standardDatagram(frame: number, packet: $0, value: pixelValue(frame: number, port: port, packet: $0)) }
    }

    @Test func everyReasonHasACounter() {
        let counters = PacketCounters()
        #expect(MalformedReason.allCases.map(\.rawValue) == Array(counters.malformed.indices))
        #expect(ForeignReason.allCases.map(\.rawValue) == Array(counters.foreign.indices))
    }

    @Test func completeFramesBecomeGoodImagesInOrder() throws {
        let bench = try TestBench(.smallJungfrau())
        for number in 1...5 as ClosedRange<UInt64> {
            for port in 0..<2 { bench.deliver(frame(number, port: port), to: port) }
        }
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [1, 2, 3, 4, 5])
        #expect(images.allSatisfy { $0.metadata.status == .good && $0.metadata.missing.isEmpty && $0.metadata.segment == 0 })
        #expect(bench.ledger.packets.placed == 80)
        #expect(bench.ledger.imbalance == nil)
    }

    /// Defect A of the vendor's receiver: a packet swapped across the border of two frames.
    @Test func packetsSwappedAcrossAFrameBorderLoseNothing() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1, rows: 512))
        var stream = (1...4).flatMap { frame($0, port: 0, packets: 0..<128) }
        stream.swapAt(127, 128)
        bench.deliver(stream, to: 0)
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [1, 2, 3, 4])
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.packets.placed == 512)
    }

    /// Defect B: one packet lost, another sent twice.
    @Test func aDoubledPacketDoesNotHideALostOne() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1, rows: 512))
        var stream = frame(1, port: 0, packets: 0..<128)
        stream[40] = stream[41]
        bench.deliver(stream, to: 0)
        #expect(bench.published().isEmpty)
        bench.wait(milliseconds: 600)
        let images = bench.published()
        #expect(images.count == 1)
        #expect(images[0].metadata.missing == [MissingPackets(port: 0, packets: PacketSet(40..<41))])
        #expect(images[0].metadata.status == .missingPackets)
        #expect(bench.ledger.packets.duplicate == 1)
        let row = 40 * 4 * 1024 * 2
        #expect(images[0].pixels[row..<row + 4 * 1024 * 2].allSatisfy { $0 == 0xFF }, "the hole holds the missing value")
        #expect(bench.ledger.imbalance == nil)
    }

    /// Defect C: a stray short datagram in the middle of a frame.
    @Test func aStrayDatagramHarmsNoFrame() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1, rows: 512))
        var stream = frame(1, port: 0, packets: 0..<128)
        stream.insert([UInt8](repeating: 7, count: 100), at: 64)
        bench.deliver(stream, to: 0)
        #expect(bench.published().map(\.metadata.status) == [.good])
        #expect(bench.ledger.packets.malformed == [.length: 1])
    }

    /// Defect D: a packet number beyond the frame.
    @Test func aPacketNumberBeyondTheFrameIsCounted() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1, rows: 512))
        var stream = frame(1, port: 0, packets: 0..<128)
        stream.insert(standardDatagram(frame: 1, packet: 128, value: 1), at: 64)
        stream.insert(standardDatagram(frame: 1, packet: 0x7FFF_FFFF, value: 1), at: 64)
        bench.deliver(stream, to: 0)
        #expect(bench.published().map(\.metadata.status) == [.good])
        #expect(bench.ledger.packets.malformed == [.packetNumber: 2])
        #expect(bench.ledger.imbalance == nil)
    }

    /// Defect E: twelve frames, the second incomplete, drop policy: eleven images in ascending order.
    @Test func dropPolicyDropsOnlyTheIncompleteImage() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 1, rows: 512)
        configuration.incomplete = .drop
        let bench = try TestBench(configuration)
        for number in 1...12 as ClosedRange<UInt64> {
            var packets = frame(number, port: 0, packets: 0..<128)
            if number == 2 { packets.remove(at: 5) }
            bench.deliver(packets, to: 0)
        }
        bench.finish()
        #expect(bench.published().map(\.metadata.id) == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        #expect(bench.ledger.images.dropped == [.incomplete: 1])
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func wrongVersionAndForeignDetectorAreCounted() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        var stream = frame(1, port: 0)
        stream.append(standardDatagram(frame: 1, packet: 60, version: 3, value: 1))
        stream.append(standardDatagram(frame: 1, packet: 60, detector: .moench, value: 1))
        stream.append(standardDatagram(frame: 1, packet: 60, value: 1) + [0])
        bench.deliver(stream, to: 0)
        #expect(bench.ledger.packets.malformed == [.version: 1, .length: 1])
        #expect(bench.ledger.packets.foreign == [.detectorType: 1])
        #expect(bench.published().map(\.metadata.status) == [.good])
    }

    @Test func aWildFrameNumberMovesNothing() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        bench.deliver(frame(1, port: 0), to: 0)
        bench.deliver([standardDatagram(frame: 1 << 60, packet: 60, value: 1)], to: 0)
        bench.deliver(frame(2, port: 0) + frame(3, port: 0), to: 0)
        bench.wait(milliseconds: 600)
        #expect(bench.published().map(\.metadata.id) == [1, 2, 3])
        #expect(bench.ledger.packets.discarded == [.unconfirmedJump: 1])
        #expect(bench.ledger.images.segments == 1)
        #expect(bench.ledger.imbalance == nil)
    }

    /// A good bunch id does not make a damaged frame number good.
    @Test(arguments: [1, 2]) func aWildFrameNumberWithAGoodBunchIDMovesNothing(modules: Int) throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: modules)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration)
        for number in 1...6 as ClosedRange<UInt64> {
            for port in 0..<modules {
                var packets = (60..<68).map { standardDatagram(frame: number, packet: $0, bunch: 100 + number, value: 1) }
                if number == 3, port == 0 {
                    packets[0] = standardDatagram(frame: 1 << 60, packet: 60, bunch: 103, value: 1)
                }
                bench.deliver(packets, to: port)
            }
        }
        bench.wait(milliseconds: 1200)
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [101, 102, 103, 104, 105, 106])
        #expect(images.map(\.metadata.missingPackets) == [0, 0, 1, 0, 0, 0])
        #expect(bench.ledger.packets.discarded == [.unconfirmedJump: 1])
        #expect(bench.ledger.images.segments == 1)
        #expect(bench.ledger.imbalance == nil)
    }

    /// A port that comes back after a long time begins where the others are, also where ids are not frame numbers.
    @Test func aPortThatComesBackIsFollowedByBunchID() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration, slots: 32)
        for number in 1...24 as ClosedRange<UInt64> {
            for port in 0..<2 where port == 0 || !(5...18).contains(number) {
                bench.deliver(
                    (60..<68).map { standardDatagram(frame: number, packet: $0, bunch: 100 + number, value: 1) }, to: port)
            }
            bench.wait(milliseconds: 100)
        }
        bench.wait(milliseconds: 600)
        let images = bench.published()
        #expect(images.map(\.metadata.id) == Array(101...124))
        #expect(images.filter { $0.metadata.status == .good }.map(\.metadata.id) == Array(101...104) + Array(120...124))
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func withoutAClockImagesHaveTheTimesOfTheirPackets() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        var times: [UInt64] = []
        for number in 1...3 as ClosedRange<UInt64> {
            times.append(bench.time)
            bench.deliver(frame(number, port: 0), to: 0)
            bench.time += 7_000_000
        }
        #expect(bench.published().map(\.metadata.receivedAt) == times)
    }

    @Test func aRestartedCounterOpensASegmentAndLosesNothing() throws {
        let bench = try TestBench(.smallJungfrau())
        for number in [1, 2, 3, 1, 2, 3] as [UInt64] {
            for port in 0..<2 { bench.deliver(frame(number, port: port), to: port) }
        }
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [1, 2, 3, 1, 2, 3])
        #expect(images.map(\.metadata.segment) == [0, 0, 0, 1, 1, 1])
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func oneOldPacketIsLateAndNoRestart() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        for number in 1...10 as ClosedRange<UInt64> { bench.deliver(frame(number, port: 0), to: 0) }
        bench.deliver([standardDatagram(frame: 2, packet: 61, value: 1)], to: 0)
        for number in 11...12 as ClosedRange<UInt64> { bench.deliver(frame(number, port: 0), to: 0) }
        #expect(bench.published().map(\.metadata.id) == Array(1...12))
        #expect(bench.ledger.packets.late == 1)
        #expect(bench.ledger.images.segments == 1)
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func aLostStretchIsMissingAndALargeJumpIsASegment() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        for number in [1, 2, 500, 501, 50_000, 50_001] as [UInt64] { bench.deliver(frame(number, port: 0), to: 0) }
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [1, 2, 500, 501, 50_000, 50_001])
        #expect(images.map(\.metadata.segment) == [0, 0, 0, 0, 1, 1])
        #expect(bench.ledger.images.missing == 497)
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func aSilentModuleDelaysOthersByTheTimeOutOnce() throws {
        let bench = try TestBench(.smallJungfrau())
        for number in 1...3 as ClosedRange<UInt64> {
            for port in 0..<2 { bench.deliver(frame(number, port: port), to: port) }
        }
        #expect(bench.published().count == 3)
        bench.deliver(frame(4, port: 0), to: 0)
        bench.wait(milliseconds: 400)
        #expect(bench.published().isEmpty, "waits for the module that has fallen silent")
        bench.wait(milliseconds: 200)
        #expect(bench.published().map(\.metadata.id) == [4])
        bench.deliver(frame(5, port: 0), to: 0)
        #expect(bench.published().map(\.metadata.id) == [5], "no second wait")
        bench.deliver(frame(6, port: 1), to: 1)
        #expect(bench.published().isEmpty, "it speaks again, and both are waited for")
        bench.deliver(frame(6, port: 0), to: 0)
        let last = bench.published()
        #expect(last.map(\.metadata.id) == [6])
        #expect(last.first?.metadata.status == .good)
    }

    @Test func slowDetectorsAreWaitedForAgainAfterEveryPause() throws {
        let bench = try TestBench(.smallJungfrau())
        for number in 1...3 as ClosedRange<UInt64> {
            bench.deliver(frame(number, port: 0), to: 0)
            #expect(bench.published().isEmpty)
            bench.deliver(frame(number, port: 1), to: 1)
            #expect(bench.published().map(\.metadata.status) == [.good])
            bench.wait(milliseconds: 2000)
        }
    }

    @Test func whenTheRingIsFullTheNewImageIsDroppedAndCounted() throws {
        var configuration = DetectorConfiguration.smallJungfrau()
        configuration.syncTimeout = 60_000_000_000
        let bench = try TestBench(configuration, slots: 4)
        // Port 1 never speaks: images pile up until the oldest must leave.
        for number in 1...20 as ClosedRange<UInt64> { bench.deliver(frame(number, port: 0), to: 0) }
        let images = bench.published()
        #expect(!images.isEmpty)
        #expect(images.allSatisfy { $0.metadata.missing.map(\.port) == [1] })
        bench.finish()
        #expect(bench.ledger.imbalance == nil)
    }
}
