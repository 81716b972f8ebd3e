import Testing

import DAQSimulator
@testable import DAQCore

/// Where packets belong when ports, modules and ids do not simply count up.
@Suite struct PlaceTests {
    private func frame(
        _ number: UInt64, port: Int, packets: Range<Int> = 60..<68, bunch: UInt64 = 0, row: UInt16 = 0, column: UInt16 = 0
    ) -> [[UInt8]] {
        packets.map {
            standardDatagram(
                frame: number, packet: $0, bunch: bunch, row: row, column: column,
                value: pixelValue(frame: number, port: port, packet: $0))
        }
    }

    private func pixels(_ image: TestBench.Published, row: Int) -> [UInt16] {
        image.pixels[row * 2048..<row * 2048 + 2048].withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
    }

    /// A module without a position shifts the numbers of the ports that are received, but not those of the streams.
    @Test func missingPacketsAreThoseOfTheRightStream() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 3)
        configuration.modulePositions[0] = nil
        let bench = try TestBench(configuration)
        bench.deliver(Array(frame(1, port: 1).dropFirst()), to: 0)
        bench.deliver(frame(1, port: 2), to: 1)
        bench.finish()
        let image = try #require(bench.published().first)
        #expect(image.metadata.missing == [MissingPackets(port: 1, packets: PacketSet(60..<61))])
        #expect(pixels(image, row: 32).allSatisfy { $0 == 0xFFFF }, "the hole is visible in the picture")
        #expect(pixels(image, row: 36).allSatisfy { $0 == pixelValue(frame: 1, port: 1, packet: 61) })
    }

    @Test func byGridTheHeaderDecides() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.moduleGrid = ModuleGrid(rows: 2, columns: 1)
        let bench = try TestBench(configuration)
        // The cables are swapped, and both a module outside the grid and one beside it send, too.
        bench.deliver(frame(1, port: 1, row: 1) + frame(1, port: 5, row: 2), to: 0)
        bench.deliver(frame(1, port: 0, row: 0) + frame(1, port: 5, row: 0, column: 0xFFFF), to: 1)
        let image = try #require(bench.published().first)
        #expect(image.metadata.status == .good)
        #expect(pixels(image, row: 0).allSatisfy { $0 == pixelValue(frame: 1, port: 0, packet: 60) })
        #expect(pixels(image, row: 32).allSatisfy { $0 == pixelValue(frame: 1, port: 1, packet: 60) })
        #expect(bench.ledger.packets.foreign == [.position: 16])
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func byGridAnUnplacedModuleIsDiscarded() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.moduleGrid = ModuleGrid(rows: 2, columns: 1)
        configuration.modulePositions[0] = nil
        let bench = try TestBench(configuration)
        bench.deliver(frame(1, port: 1, row: 1) + frame(1, port: 0, row: 0), to: 0)
        #expect(bench.published().map(\.metadata.status) == [.good])
        #expect(bench.ledger.packets.discarded == [.unplaced: 8])
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func byPortAChangedPositionIsCountedAndPlaced() throws {
        let bench = try TestBench(.smallJungfrau(modules: 1))
        bench.deliver(frame(1, port: 0, row: 3) + frame(2, port: 0, row: 4), to: 0)
        #expect(bench.published().map(\.metadata.status) == [.good, .good])
        #expect(bench.ledger.packets.positionChanged == 8)
    }

    /// Two frames of one port that claim the same image: the second must not write into what may already be published.
    @Test func anImageTakesOneFrameOfAPort() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 1)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration)
        bench.deliver(frame(1, port: 0, packets: 60..<67, bunch: 70) + frame(2, port: 0, bunch: 70), to: 0)
        bench.wait(milliseconds: 600)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [70])
        #expect(images.first?.metadata.missing == [MissingPackets(port: 0, packets: PacketSet(67..<68))])
        #expect(bench.ledger.packets.placed == 7)
        #expect(bench.ledger.packets.late == 8)
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func theLastFrameNumberThereIsCountsOnce() throws {
        let bench = try TestBench(.smallJungfrau(modules: 2))
        for port in 0..<2 { bench.deliver(frame(.max - 1, port: port) + frame(.max, port: port), to: port) }
        for port in 0..<2 { bench.deliver(frame(.max, port: port), to: port) }
        bench.wait(milliseconds: 1200)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [.max - 1, .max])
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.packets.placed == 32)
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func bunchIDsWrittenAsDoublesAreRead() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 1)
        configuration.imageID = .bunchIDFloat64
        let bench = try TestBench(configuration)
        bench.deliver(frame(1, port: 0, bunch: Double(15_000_000_001).bitPattern), to: 0)
        for wild in [Double.nan, .infinity, -.infinity, -3, 1e300, 0x1p64] {
            bench.deliver(frame(2, port: 0, packets: 60..<61, bunch: wild.bitPattern), to: 0)
        }
        bench.deliver(frame(2, port: 0, bunch: Double(15_000_000_002).bitPattern), to: 0)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [15_000_000_001, 15_000_000_002])
        #expect(images.map(\.metadata.pulseID) == [15_000_000_001, 15_000_000_002])
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.packets.malformed == [.bunchID: 6])
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func idsAtAStepAreConsecutive() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.imageIDStep = 5
        let bench = try TestBench(configuration)
        for number in [10, 15, 20, 40, 45] as [UInt64] {
            for port in 0..<2 { bench.deliver(frame(number, port: port), to: port) }
        }
        bench.finish()
        #expect(bench.published().map(\.metadata.id) == [10, 15, 20, 40, 45])
        #expect(bench.ledger.images.expected == 8)
        #expect(bench.ledger.images.missing == 3)
        #expect(bench.ledger.imbalance == nil)
    }

    /// A step that does not fit the detector is a mistake of the user, and any sender can make such numbers.
    @Test(arguments: 0..<8) func idsBesideTheStepDoNoHarm(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.imageIDStep = UInt64.random(in: 2...5, using: &random)
        let bench = try TestBench(configuration)
        var stream = (1...30 as ClosedRange<UInt64>).flatMap { frame($0, port: 0) }
        for index in stream.indices {
            stream.swapAt(index, min(stream.count - 1, index + Int.random(in: 0...20, using: &random)))
        }
        for start in stride(from: 0, to: stream.count, by: 7) {
            bench.deliver(Array(stream[start..<min(stream.count, start + 7)]), to: Int.random(in: 0..<2, using: &random))
            bench.time += 1_000_000
            _ = bench.published()
        }
        bench.finish()
        _ = bench.published()
        #expect(bench.ledger.imbalance == nil, "seed \(seed)")
        #expect(bench.ledger.packets.held == 0, "seed \(seed)")
    }

    /// Another port keeps the ring waiting: the images that wait stay bounded, and leave when they must.
    @Test func waitingImagesAreBounded() throws {
        var configuration = DetectorConfiguration.smallJungfrau()
        configuration.syncTimeout = 60_000_000_000
        let bench = try TestBench(configuration, slots: 10)
        bench.deliver([standardDatagram(frame: 1, packet: 60, value: 1)], to: 1)
        for number in 1...100 as ClosedRange<UInt64> {
            bench.deliver(frame(number, port: 0), to: 0)
            _ = bench.published()
        }
        #expect(bench.ledger.images.dropped == [:])
        bench.finish()
        _ = bench.published()
        #expect(bench.ledger.images.expected == 100)
        #expect(bench.ledger.imbalance == nil)
    }
}
