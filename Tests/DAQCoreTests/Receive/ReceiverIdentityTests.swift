import Testing

@testable import DAQCore

/// Which stream and which frame a packet belongs to, where detectors send more than they should or less than all.
@Suite struct ReceiverIdentityTests {
    /// Three modules of 8 rows, the middle one without a position.
    private static var middleModuleAbsent: DetectorConfiguration {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 3, rows: 8)
        configuration.modulePositions[1] = nil
        return configuration
    }

    private func frame(_ number: UInt64, port: Int, packets: Range<Int> = 63..<65, bunch: UInt64 = 0) -> [[UInt8]] {
        packets.map {
            standardDatagram(frame: number, packet: $0, bunch: bunch, value: pixelValue(frame: number, port: port, packet: $0))
        }
    }

    /// The pixels of one packet of a module of 8 rows.
    private func pixels(_ image: TestBench.Published, module: Int, packet: Int) -> Set<UInt16> {
        let start = (module * 8 + (packet - 63) * 4) * 1024 * 2
        return image.pixels[start..<start + 8192].withUnsafeBytes { Set($0.bindMemory(to: UInt16.self)) }
    }

    @Test func missingPacketsAreThoseOfTheStreamAlsoWhenAnotherHasNoPosition() throws {
        let bench = try TestBench(Self.middleModuleAbsent)
        bench.deliver(frame(1, port: 0), to: 0)
        // The second port is the third stream, since the middle module has no position.
        bench.deliver(frame(1, port: 1, packets: 63..<64), to: 1)
        bench.wait(milliseconds: 600)
        let image = try #require(bench.published().first)
        #expect(image.metadata.missing == [MissingPackets(port: 2, packets: PacketSet(64..<65))])
        for packet in 63..<65 {
            #expect(pixels(image, module: 0, packet: packet) == [pixelValue(frame: 1, port: 0, packet: packet)])
        }
        #expect(pixels(image, module: 2, packet: 63) == [pixelValue(frame: 1, port: 1, packet: 63)])
        #expect(pixels(image, module: 2, packet: 64) == [0xFFFF], "the hole holds the missing value, not an older image")
    }

    @Test func aBunchIDThatStandsStillGivesOneImageAndHarmsNone() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2, rows: 8)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration)
        for port in 0..<2 { bench.deliver(frame(1, port: port, bunch: 7), to: port) }
        // One packet of the next frame, which claims to be the same image, before the first frame is whole on every port.
        bench.deliver(frame(2, port: 0, packets: 63..<64, bunch: 8), to: 0)
        bench.deliver(frame(3, port: 0, bunch: 8), to: 0)
        bench.deliver(frame(2, port: 1, bunch: 8), to: 1)
        bench.deliver(frame(2, port: 0, packets: 64..<65, bunch: 8), to: 0)
        bench.wait(milliseconds: 600)
        let images = bench.published()
        #expect(images.map(\.metadata.id) == [7, 8])
        let last = try #require(images.last)
        #expect(last.metadata.missing.isEmpty)
        for packet in 63..<65 {
            #expect(pixels(last, module: 0, packet: packet) == [pixelValue(frame: 2, port: 0, packet: packet)])
        }
        #expect(bench.ledger.packets.late == 2)
        #expect(bench.ledger.imbalance == nil)
    }

    /// With a divided rate, frame numbers come in steps; one in between is odd but must do no harm.
    @Test func aFrameBetweenTwoStepsDoesNoHarm() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 1, rows: 8)
        configuration.imageIDStep = 2
        let bench = try TestBench(configuration)
        bench.deliver(frame(10, port: 0, packets: 63..<64), to: 0)
        bench.wait(milliseconds: 400)
        bench.deliver(frame(11, port: 0), to: 0)
        bench.wait(milliseconds: 1000)
        bench.finish()
        #expect(bench.ledger.packets.received == 3)
        #expect(bench.ledger.imbalance == nil)
    }
}
