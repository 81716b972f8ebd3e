import Testing

@testable import DAQCore

/// Restarted counters, lost stretches, and modules that count for themselves: who is believed, and what it costs the others.
@Suite struct CounterJumpTests {
    private func frame(_ number: UInt64, port: Int, packets: Range<Int> = 60..<68) -> [[UInt8]] {
        packets.map { standardDatagram(frame: number, packet: $0, value: pixelValue(frame: number, port: port, packet: $0)) }
    }

    /// Visits the ports in turn, at most `batch` datagrams each, a microsecond apart, until everything is delivered.
    private func deliver(_ streams: [[[UInt8]]], batch: Int, to bench: TestBench) {
        var left = streams.map { $0[...] }
        while left.contains(where: { !$0.isEmpty }) {
            for port in left.indices {
                bench.time += 1000
                let count = min(batch, left[port].count)
                bench.deliver(Array(left[port].prefix(count)), to: port, isEmpty: count < batch)
                left[port].removeFirst(count)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7], [8, 16, 32, 64])
    func aLostStretchOnAllPortsCostsNothingElse(modules: Int, batch: Int) throws {
        let bench = try TestBench(.smallJungfrau(modules: modules, rows: 512))
        let numbers: [UInt64] = [1, 2, 3, 200, 201, 202, 203]
        deliver(
            (0..<modules).map { port in numbers.flatMap { frame($0, port: port, packets: 0..<128) } }, batch: batch, to: bench)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == numbers)
        #expect(images.allSatisfy { $0.metadata.status == .good && $0.metadata.segment == 0 })
        #expect(bench.ledger.packets.placed == UInt64(numbers.count * modules * 128))
        #expect(bench.ledger.imbalance == nil)
    }

    /// With 256 rows a frame has 64 packets, as many as one visit reads and as a port can hold.
    @Test(arguments: [1, 2, 3, 4, 7], [(256, 64), (256, 16), (512, 64), (32, 8)])
    func aRestartOnAllPortsLosesNothing(modules: Int, shape: (rows: Int, batch: Int)) throws {
        let bench = try TestBench(.smallJungfrau(modules: modules, rows: shape.rows))
        let packets = 64 - shape.rows / 8..<64 + shape.rows / 8
        let numbers: [UInt64] = [1, 2, 3, 4, 5, 1, 2, 3]
        deliver(
            (0..<modules).map { port in numbers.flatMap { frame($0, port: port, packets: packets) } }, batch: shape.batch,
            to: bench)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == numbers)
        #expect(images.map(\.metadata.segment) == [0, 0, 0, 0, 0, 1, 1, 1])
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.imbalance == nil)
    }

    /// Single exposures: the counter starts again for each.
    @Test(arguments: [1, 2, 3, 7]) func runsOfOneFrameAreSegments(modules: Int) throws {
        let bench = try TestBench(.smallJungfrau(modules: modules, rows: 512))
        let numbers: [UInt64] = [1, 1, 1, 1, 2, 3]
        deliver(
            (0..<modules).map { port in numbers.flatMap { frame($0, port: port, packets: 0..<128) } }, batch: 64, to: bench)
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == numbers)
        #expect(images.map(\.metadata.segment) == [0, 1, 2, 3, 3, 3])
        #expect(images.allSatisfy { $0.metadata.status == .good })
    }

    /// A rebooted module counts from 1 while the others go on: it is the one that loses.
    @Test(arguments: [2, 3, 5], [32, 256]) func aRebootedModuleHarmsNoOther(modules: Int, rows: Int) throws {
        let bench = try TestBench(.smallJungfrau(modules: modules, rows: rows))
        let packets = 64 - rows / 8..<64 + rows / 8
        let odd = modules - 1
        for number in 1...5 as ClosedRange<UInt64> {
            for port in 0..<modules { bench.deliver(frame(number + 1000, port: port, packets: packets), to: port) }
            bench.time += 1_000_000
        }
        var images: [TestBench.Published] = []
        #expect(bench.published().count == 5)
        for number in 6...60 as ClosedRange<UInt64> {
            // Within an image the ports arrive in any order.
            for turn in 0..<modules {
                let port = (turn + Int(number)) % modules
                let own = port == odd ? number - 5 : number + 1000
                bench.deliver(frame(own, port: port, packets: packets), to: port)
                bench.time += 1000
            }
            bench.time += 10_000_000
            images += bench.published()
        }
        bench.wait(milliseconds: 1000)
        bench.finish()
        images += bench.published()
        #expect(images.map(\.metadata.id) == Array(1006...1060))
        #expect(images.allSatisfy { $0.metadata.segment == 0 && $0.metadata.missing.map(\.port) == [odd] })
        #expect(bench.ledger.images.segments == 1)
        #expect(bench.ledger.imbalance == nil)
    }

    /// Where images are named by bunch ids, these go on as those of all others: it loses nothing but the frame it was rebooted in.
    @Test(arguments: [2, 3, 5], [32, 256]) func aRebootedModuleWhoseIDsGoOnStaysInTheImages(modules: Int, rows: Int) throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: modules, rows: rows)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration)
        let packets = 64 - rows / 8..<64 + rows / 8
        let odd = modules - 1
        var images: [TestBench.Published] = []
        for number in 1...40 as ClosedRange<UInt64> {
            for turn in 0..<modules {
                let port = (turn + Int(number)) % modules
                let own = port == odd && number > 20 ? number - 20 : number + 500
                bench.deliver(
                    packets.map { standardDatagram(frame: own, packet: $0, bunch: 7000 + number, value: 1) }, to: port)
                bench.time += 1000
            }
            bench.time += 10_000_000
            images += bench.published()
        }
        bench.wait(milliseconds: 1000)
        bench.finish()
        images += bench.published()
        #expect(images.map(\.metadata.id) == Array(7001...7040))
        #expect(images.allSatisfy { $0.metadata.segment == 0 && $0.metadata.status == .good })
        #expect(bench.ledger.packets.late == 0 && bench.ledger.images.segments == 1)
        #expect(bench.ledger.imbalance == nil)
    }

    /// Packets of a frame that the window has left behind are late, and begin nothing, although no frame of their id was seen.
    @Test func aFrameThatIsFarTooLateIsNoReboot() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2)
        configuration.imageID = .bunchID
        let bench = try TestBench(configuration)
        var images: [TestBench.Published] = []
        func frame(_ number: UInt64) -> [[UInt8]] {
            (60..<68).map { standardDatagram(frame: number, packet: $0, bunch: 7000 + number, value: 1) }
        }
        for number in 1...20 as ClosedRange<UInt64> where number != 11 {
            bench.deliver(frame(number), to: 0)
            // Frame 11 of the second port is overtaken by four others, whose last packets come after it.
            let isOpen = (12...15).contains(number)
            bench.deliver(isOpen ? Array(frame(number).dropLast()) : frame(number), to: 1)
            if number == 15 {
                bench.deliver(frame(11), to: 1)
                for open in 12...15 as ClosedRange<UInt64> { bench.deliver([frame(open)[7]], to: 1) }
            }
            bench.time += 1_000_000
            images += bench.published()
        }
        bench.wait(milliseconds: 1000)
        bench.finish()
        images += bench.published()
        #expect(images.map(\.metadata.id) == Array(7001...7010) + Array(7012...7020))
        #expect(images.allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.packets.late == 8)
        #expect(bench.ledger.imbalance == nil)
    }

    /// Slow detectors: nothing has been heard for longer than the time-out when the rebooted module's frame comes.
    @Test func aRebootedModuleOfASlowDetectorHarmsNoOther() throws {
        let bench = try TestBench(.smallJungfrau(modules: 3))
        for number in 1...4 as ClosedRange<UInt64> {
            for port in 0..<3 { bench.deliver(frame(number + 10, port: port), to: port) }
            bench.wait(milliseconds: 2000)
        }
        for number in 5...9 as ClosedRange<UInt64> {
            for turn in 0..<3 {
                let port = (turn + Int(number)) % 3
                bench.deliver(frame(port == 1 ? number - 4 : number + 10, port: port), to: port)
                bench.time += 1000
            }
            bench.wait(milliseconds: 2000)
        }
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.id) == Array(11...19))
        #expect(images.suffix(5).allSatisfy { $0.metadata.missing.map(\.port) == [1] })
        #expect(bench.ledger.imbalance == nil)
    }

    /// A module that counts differently from the start speaks first; the many are believed all the same.
    @Test func aMajorityIsBelievedEvenWhenAnotherSpokeFirst() throws {
        let bench = try TestBench(.smallJungfrau(modules: 4), slots: 40)
        for number in 1...20 as ClosedRange<UInt64> {
            for port in 0..<4 { bench.deliver(frame(port == 0 ? number + 1_000_000 : number, port: port), to: port) }
            bench.time += 1_000_000
        }
        bench.wait(milliseconds: 1000)
        bench.finish()
        let images = bench.published().filter { $0.metadata.segment == 1 }
        #expect(images.map(\.metadata.id) == Array(1...20))
        #expect(images.allSatisfy { $0.metadata.missing.map(\.port) == [0] })
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func aModuleWithAnotherCounterDelaysTheOthersOnce() throws {
        let bench = try TestBench(.smallJungfrau())
        bench.deliver(frame(1000, port: 0), to: 0)
        bench.deliver(frame(1000, port: 1), to: 1)
        #expect(bench.published().count == 1)
        bench.deliver(frame(1001, port: 0), to: 0)
        bench.deliver(frame(1, port: 1), to: 1)
        bench.wait(milliseconds: 600)
        #expect(bench.published().map(\.metadata.id) == [1001])
        for number in 2...20 as ClosedRange<UInt64> {
            bench.deliver(frame(number, port: 1), to: 1)
            bench.deliver(frame(number + 1000, port: 0), to: 0)
            #expect(bench.published().map(\.metadata.id) == [number + 1000], "not waited for again")
            bench.time += 1_000_000
        }
    }

    /// All but one module die, and the counter starts again: the survivor is believed after the time-out.
    @Test func aLoneSurvivorMayRestart() throws {
        let bench = try TestBench(.smallJungfrau(modules: 3))
        for number in 1...3 as ClosedRange<UInt64> {
            for port in 0..<3 { bench.deliver(frame(number, port: port), to: port) }
        }
        #expect(bench.published().count == 3)
        bench.wait(milliseconds: 3000)
        bench.deliver(frame(1, port: 1), to: 1)
        bench.wait(milliseconds: 1200)
        let images = bench.published()
        #expect(images.map(\.metadata.segment) == [1])
        #expect(images.map(\.metadata.id) == [1])
        #expect(images.first?.metadata.missing.map(\.port) == [0, 2])
    }

    /// A port that was silent during the restart, and then is inside its old window again, must not be lost for ever.
    @Test func aPortThatMissedTheRestartFindsItsWayBack() throws {
        let bench = try TestBench(.smallJungfrau(modules: 3, rows: 512), slots: 64)
        for number in 1...3 as ClosedRange<UInt64> {
            for port in 0..<3 { bench.deliver(frame(number, port: port, packets: 0..<128), to: port) }
        }
        bench.wait(milliseconds: 100)
        for number in [1, 2, 3, 4] as [UInt64] {
            for port in 0..<2 { bench.deliver(frame(number, port: port, packets: 0..<128), to: port) }
        }
        bench.wait(milliseconds: 1500)
        _ = bench.published()
        for number in 5...12 as ClosedRange<UInt64> {
            for port in 0..<3 { bench.deliver(frame(number, port: port, packets: 0..<128), to: port) }
            bench.wait(milliseconds: 10)
        }
        bench.finish()
        let images = bench.published()
        #expect(images.map(\.metadata.segment) == Array(repeating: 1, count: 8))
        #expect(images.dropFirst().allSatisfy { $0.metadata.status == .good })
        #expect(bench.ledger.imbalance == nil)
    }

    /// The streams pause, and a few copies of the frames before come late: eight of them are no restart.
    @Test(arguments: [1, 2]) func lateCopiesInAPauseAreNoRestart(modules: Int) throws {
        let bench = try TestBench(.smallJungfrau(modules: modules, rows: 512, window: 8))
        var images: [TestBench.Published] = []
        for number in 1...12 as ClosedRange<UInt64> {
            for port in 0..<modules { bench.deliver(frame(number, port: port, packets: 0..<128), to: port) }
            if number == 10 {
                for late in 6...9 as ClosedRange<UInt64> {
                    bench.time += 1_000_000
                    for port in 0..<modules { bench.deliver(frame(late, port: port, packets: 0..<3), to: port) }
                }
            }
            bench.time += 1_000_000
            images += bench.published()
        }
        bench.finish()
        images += bench.published()
        #expect(images.map(\.metadata.id) == Array(1...12))
        #expect(images.allSatisfy { $0.metadata.status == .good && $0.metadata.segment == 0 })
        #expect(bench.ledger.packets.late == UInt64(12 * modules))
        #expect(bench.ledger.imbalance == nil)
    }

    /// A port that missed a restart and is the first to see the next one speaks for that; it does not follow the one it missed.
    @Test func aPortThatMissedARestartSpeaksForTheNext() throws {
        let bench = try TestBench(.smallJungfrau(modules: 3))
        for number in 3000...3003 as ClosedRange<UInt64> {
            for port in 0..<3 { bench.deliver(frame(number, port: port), to: port) }
        }
        for number in 2000...2003 as ClosedRange<UInt64> {
            for port in 0..<2 { bench.deliver(frame(number, port: port), to: port) }
        }
        // It is not silent either, so the others wait for it.
        bench.time += 1_000_000
        bench.deliver(frame(3004, port: 2), to: 2)
        bench.wait(milliseconds: 1500)
        #expect(bench.published().map(\.metadata.segment) == [0, 0, 0, 0, 0, 1, 1, 1, 1])
        var images: [TestBench.Published] = []
        for number in 7...12 as ClosedRange<UInt64> {
            for port in [2, 0, 1] { bench.deliver(frame(number, port: port), to: port) }
            bench.time += 1_000_000
            images += bench.published()
        }
        bench.finish()
        images += bench.published()
        #expect(images.map(\.metadata.id) == Array(7...12))
        #expect(images.allSatisfy { $0.metadata.status == .good && $0.metadata.segment == 2 })
        #expect(bench.ledger.packets.late == 0)
        #expect(bench.ledger.imbalance == nil)
    }

    @Test func heldPacketsAreSettledWhenTheRunEnds() throws {
        let bench = try TestBench(.smallJungfrau(modules: 3))
        for port in 0..<3 { bench.deliver(frame(100, port: port), to: port) }
        // Evidence of three kinds, none of it conclusive.
        bench.deliver([standardDatagram(frame: 9000, packet: 60, value: 1)], to: 0)
        bench.deliver(frame(3, port: 1), to: 1)
        bench.deliver(Array(frame(1 << 40, port: 2).prefix(5)), to: 2)
        bench.finish()
        #expect(bench.ledger.packets.held == 0)
        #expect(bench.ledger.packets.received == 24 + 1 + 8 + 5)
        #expect(bench.ledger.imbalance == nil)
    }
}
