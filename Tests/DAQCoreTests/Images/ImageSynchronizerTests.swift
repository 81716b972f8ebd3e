import Testing

import DAQSimulator
@testable import DAQCore

/// The rules of publishing, one by one, without packets, threads and clocks; times are in milliseconds.
@Suite struct ImageSynchronizerTests {
    /// A synchroniser with a ring that only counts.
    private struct Bench {
        var synchronizer: ImageSynchronizer
        var free: [Int]
        var now: UInt64 = 1_000_000_000
        private(set) var decided: [(key: ImageKey, isPublished: Bool, missing: [Int])] = []

        init(ports: Int, slots: Int = 8, start: UInt64? = 1, _ change: (inout DetectorConfiguration) -> Void = { _ in }) {
            var configuration = DetectorConfiguration.smallJungfrau(modules: ports)
            change(&configuration)
            synchronizer = ImageSynchronizer(
                configuration, packets: Array(repeating: 60..<68, count: configuration.placedStreams.count), slots: slots)
            free = Array(0..<slots)
            if let start { _ = synchronizer.decideJump(of: 0, .held(8, at: now, image: start), isOverdue: false) }
        }

        mutating func open(_ port: Int, _ id: UInt64) -> ImageSynchronizer.Opened {
            let header = PacketHeader(
                frameNumber: id, packet: 60, bunchID: id &* 10 &+ UInt64(port), timestamp: 0, row: 0, column: 0,
                information: UInt32(port), payloadOffset: 48)
            var free = free
            let opened = synchronizer.open(port, id: id, at: now, header: header, receivedAt: now) {
                free.isEmpty ? nil : free.removeFirst()
            }
            self.free = free
            return opened
        }

        mutating func close(_ port: Int, _ id: UInt64, segment: UInt32 = 0, received: Range<Int> = 60..<68) {
            synchronizer.close(port, ImageKey(segment: segment, id: id), received: PacketSet(received), lastPacketAt: now)
        }

        /// A whole frame, after which the port has passed it.
        mutating func frame(_ port: Int, _ id: UInt64, segment: UInt32 = 0) {
            _ = open(port, id)
            close(port, id, segment: segment)
            synchronizer.pass(port, through: id)
        }

        mutating func wait(_ milliseconds: UInt64, ports: Range<Int>) {
            now += milliseconds * 1_000_000
            for port in ports { synchronizer.foundEmpty(port, at: now) }
        }

        /// The ids that are decided now.
        mutating func settle() -> [UInt64] {
            let before = decided.count
            var new: [ImageDecision] = []
            synchronizer.settle { new.append($0) }
            for decision in new { note(decision) }
            return decided[before...].map(\.key.id)
        }

        mutating func finish() {
            var new: [ImageDecision] = []
            synchronizer.finishAll { new.append($0) }
            for decision in new { note(decision) }
        }

        private mutating func note(_ decision: ImageDecision) {
            switch decision {
            case .publish(let slot, let metadata):
                free.append(slot)
                decided.append((ImageKey(segment: metadata.segment, id: metadata.id), true, metadata.missing.map(\.port)))
            case .abandon(let slot): free.append(slot)
            }
        }
    }

    @Test func anImageIsDueWhenEveryPortHasPassedIt() {
        var bench = Bench(ports: 3)
        bench.frame(0, 1)
        bench.frame(1, 1)
        #expect(bench.settle() == [])
        bench.frame(2, 1)
        #expect(bench.settle() == [1])
        #expect(bench.decided[0].missing == [])
    }

    @Test func anImageThatIsBeingFilledIsNeverDue() {
        var bench = Bench(ports: 2)
        bench.frame(0, 1)
        _ = bench.open(1, 1)
        for port in 0..<2 { bench.synchronizer.pass(port, through: 5) }
        bench.wait(10_000, ports: 0..<2)
        #expect(bench.settle() == [])
        bench.close(1, 1)
        #expect(bench.settle() == [1])
    }

    @Test func imagesComeInAscendingOrderHoweverTheyWereOpened() {
        var bench = Bench(ports: 2)
        for id in [3, 1, 2] as [UInt64] { bench.frame(0, id) }
        for id in [2, 3] as [UInt64] { bench.frame(1, id) }
        #expect(bench.settle() == [1, 2, 3])
        #expect(bench.decided.map(\.missing) == [[1], [], []], "port 1 has passed image 1 without a packet of it")
    }

    @Test func theNextImageNeedsNoPassing() {
        var bench = Bench(ports: 2)
        for port in 0..<2 { bench.frame(port, 1) }
        #expect(bench.settle() == [1])
        // Closed by both, passed by none: nothing can come in between.
        for port in 0..<2 {
            _ = bench.open(port, 2)
            bench.close(port, 2)
        }
        #expect(bench.settle() == [2])
        for port in 0..<2 {
            _ = bench.open(port, 4)
            bench.close(port, 4)
        }
        #expect(bench.settle() == [], "image 3 may still come")
    }

    @Test func silenceIsProvedByTheSocketNotByTheClock() {
        var bench = Bench(ports: 2)
        bench.frame(0, 1)
        bench.wait(499, ports: 0..<2)
        #expect(bench.settle() == [])
        // Time goes on, but port 1's socket was not looked at.
        bench.wait(100, ports: 0..<1)
        #expect(bench.settle() == [])
        bench.wait(0, ports: 1..<2)
        #expect(bench.settle() == [1])
        #expect(bench.decided[0].missing == [1])
    }

    @Test func aSilentPortIsWaitedForAgainWhenItSpeaks() {
        var bench = Bench(ports: 2)
        bench.frame(0, 1)
        bench.wait(500, ports: 0..<2)
        #expect(bench.settle() == [1])
        bench.frame(0, 2)
        #expect(bench.settle() == [2], "not waited for")
        #expect(bench.open(1, 2) == .late)
        bench.frame(0, 3)
        #expect(bench.settle() == [], "it came back just behind")
        bench.frame(1, 3)
        #expect(bench.settle() == [3])
        #expect(bench.decided[2].missing == [])
    }

    @Test func aSilentPortThatComesBackWithTheOthersIsWaitedForAtOnce() {
        var bench = Bench(ports: 2)
        bench.frame(0, 1)
        bench.wait(500, ports: 0..<2)
        #expect(bench.settle() == [1])
        bench.frame(1, 2)
        bench.frame(0, 2)
        #expect(bench.settle() == [2])
        bench.frame(0, 3)
        #expect(bench.settle() == [])
    }

    @Test func aPortThatLostOneFrameIsNotSilent() {
        var bench = Bench(ports: 2)
        bench.frame(0, 1)
        bench.wait(1, ports: 0..<2)
        _ = bench.open(1, 2)
        bench.wait(600, ports: 0..<2)
        #expect(bench.settle() == [1])
        bench.frame(0, 3)
        #expect(bench.settle() == [])
        bench.close(1, 2)
        bench.synchronizer.pass(1, through: 2)
        bench.frame(0, 2)
        bench.wait(100, ports: 0..<2)
        #expect(bench.settle() == [2])
        #expect(bench.settle() == [], "image 3 waits for port 1")
    }

    @Test func whatIsDecidedOrGivenUpStaysSo() {
        var bench = Bench(ports: 2)
        for port in 0..<2 { bench.frame(port, 5) }
        #expect(bench.settle() == [5])
        #expect(bench.open(0, 5) == .late)
        #expect(bench.open(0, 4) == .late)
        #expect(bench.open(0, 6) == .image(ImageKey(segment: 0, id: 6), slot: 1))
        #expect(bench.open(0, 6) == .late, "a port has one frame of an image")
    }

    @Test func farIDsNeedMoreThanOnePacket() {
        var bench = Bench(ports: 1, start: nil)
        #expect(bench.open(0, 1) == .implausible, "not even the first is believed")
        bench = Bench(ports: 1, start: 20_000)
        bench.frame(0, 20_000)
        #expect(bench.open(0, 20_005) == .implausible)
        #expect(bench.open(0, 20_004) != .implausible)
        #expect(bench.open(0, 10_003) == .implausible)
        #expect(bench.open(0, .max) == .implausible)
        #expect(bench.open(0, 0) == .implausible)
    }

    @Test func theFullRingIsCountedAndTheOldestImageMustLeave() {
        var bench = Bench(ports: 2, slots: 4)
        for id in 1...3 as ClosedRange<UInt64> { bench.frame(0, id) }
        #expect(bench.synchronizer.floor == ImageKey(segment: 0, id: 1))
        #expect(bench.settle() == [1])
        #expect(bench.synchronizer.floor == nil)
        _ = bench.open(1, 2)
        for id in 4...6 as ClosedRange<UInt64> { bench.frame(0, id) }
        #expect(bench.settle() == [], "port 1 still writes image 2")
        #expect(bench.synchronizer.floor == ImageKey(segment: 0, id: 4), "so many that the ring has room again")
        bench.close(1, 2)
        #expect(bench.settle() == [2, 3, 4])
        bench.finish()
        #expect(bench.synchronizer.ledger.dropped == [.noFreeSlot: 1])
        #expect(bench.synchronizer.ledger.imbalance == nil)
        #expect(bench.free.count == 4)
    }

    @Test func incompleteImagesAreDroppedWhenTheConfigurationSaysSo() {
        var bench = Bench(ports: 1) { $0.incomplete = .drop }
        _ = bench.open(0, 1)
        bench.close(0, 1, received: 60..<67)
        bench.synchronizer.pass(0, through: 1)
        bench.frame(0, 2)
        #expect(bench.settle() == [2])
        #expect(bench.synchronizer.ledger.dropped == [.incomplete: 1])
        #expect(bench.free.count == 8)
        #expect(bench.synchronizer.ledger.imbalance == nil)
    }

    @Test func idsInBetweenAreMissing() {
        var bench = Bench(ports: 1) { $0.imageIDStep = 10 }
        for id in [1, 11, 31, 35, 71] as [UInt64] { bench.frame(0, id) }
        #expect(bench.settle() == [1, 11, 31, 35, 71])
        #expect(bench.synchronizer.ledger.missing == 3, "21, 45 and 55; 65 counts as 71")
        #expect(bench.synchronizer.ledger.imbalance == nil)
    }

    @Test func theLowestPortStampsAnImage() throws {
        var bench = Bench(ports: 3)
        for port in [2, 0, 1] { bench.frame(port, 1) }
        var metadata: ImageMetadata?
        bench.synchronizer.settle { if case .publish(_, let published) = $0 { metadata = published } }
        let stamped = try #require(metadata)
        #expect(stamped.pulseID == 10)
        #expect(stamped.information == 0)
        #expect(stamped.informationDifference == 3)
        #expect(stamped.expectedPackets == 24)
    }

    // MARK: Jumps

    @Test func halfThePortsDoNotMakeAJumpButMoreDo() {
        var bench = Bench(ports: 4, start: 1)
        for port in 0..<4 { bench.frame(port, 1) }
        let back = CounterJump.held(8, at: bench.now, image: 1, direction: .below)
        #expect(bench.synchronizer.decideJump(of: 0, back, isOverdue: false) == .wait)
        #expect(bench.synchronizer.decideJump(of: 1, back, isOverdue: false) == .wait)
        bench.synchronizer.withdraw(1)
        #expect(bench.synchronizer.decideJump(of: 2, back, isOverdue: false) == .wait, "port 1 believes it no more")
        #expect(bench.synchronizer.decideJump(of: 1, back, isOverdue: false) == .beginAnew)
        #expect(bench.synchronizer.segment == 1)
        #expect(
            bench.synchronizer.decideJump(of: 3, .held(7, at: bench.now, image: 1, direction: .below), isOverdue: false) == .wait)
        #expect(bench.synchronizer.decideJump(of: 3, back, isOverdue: false) == .beginAnew, "it follows")
        #expect(bench.synchronizer.ledger.segments == 2)
    }

    @Test func votesForDifferentJumpsDoNotAddUp() {
        var bench = Bench(ports: 3, start: 50_000)
        for port in 0..<3 { bench.frame(port, 50_000) }
        #expect(
            bench.synchronizer.decideJump(of: 0, .held(8, at: bench.now, image: 1, direction: .below), isOverdue: false) == .wait)
        #expect(bench.synchronizer.decideJump(of: 1, .held(8, at: bench.now, image: 90_000), isOverdue: false) == .wait)
        #expect(bench.synchronizer.segment == 0)
    }

    @Test func votesEndWithTheJumpTheyWereFor() {
        var bench = Bench(ports: 3, start: 50)
        for port in 0..<3 { bench.frame(port, 50) }
        let back = CounterJump.held(8, at: bench.now, image: 1, direction: .below)
        #expect(bench.synchronizer.decideJump(of: 0, back, isOverdue: false) == .wait)
        #expect(bench.synchronizer.decideJump(of: 1, back, isOverdue: false) == .beginAnew)
        #expect(
            bench.synchronizer.decideJump(of: 1, back, isOverdue: false) == .wait, "port 0 has not spoken of a second restart")
        #expect(bench.synchronizer.segment == 1)
    }

    @Test func theTimeOutDecidesWhatNobodyContradicts() {
        var bench = Bench(ports: 2, start: 1)
        for port in 0..<2 { bench.frame(port, 1) }
        bench.now += 400_000_000
        let early = CounterJump.held(8, at: bench.now, image: 1, direction: .below)
        #expect(bench.synchronizer.decideJump(of: 0, early, isOverdue: true) == .wait, "port 1 went on shortly before")
        bench.now += 600_000_000
        let later = CounterJump.held(8, at: bench.now, image: 1, direction: .below)
        #expect(bench.synchronizer.decideJump(of: 0, later, isOverdue: false) == .wait)
        #expect(bench.synchronizer.decideJump(of: 0, later, isOverdue: true) == .beginAnew)
    }

    @Test func aJumpWithinTheGapStaysInTheSegment() {
        var bench = Bench(ports: 1)
        bench.frame(0, 1)
        #expect(bench.synchronizer.decideJump(of: 0, .held(8, at: bench.now, image: 10_001), isOverdue: false) == .sortIn)
        #expect(bench.synchronizer.segment == 0)
        #expect(bench.synchronizer.decideJump(of: 0, .held(8, at: bench.now, image: 20_002), isOverdue: false) == .beginAnew)
        #expect(bench.synchronizer.segment == 1)
    }

    /// Ports open, fill and pass frames in any order and fall silent: every opened image is decided exactly once,
    /// in ascending order, no slot is lost, and the sums are right.
    @Test(arguments: 0..<150) func everyImageIsDecidedOnceAndInOrder(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let ports = Int.random(in: 1...5, using: &random)
        let slots = Int.random(in: 4...10, using: &random)
        var bench = Bench(ports: ports, slots: slots) { if seed % 2 == 0 { $0.incomplete = .drop } }
        var next = [UInt64](repeating: 1, count: ports)
        var segments = [UInt32](repeating: 0, count: ports)
        var open: [[UInt64]] = Array(repeating: [], count: ports)
        var opened: Set<ImageKey> = []
        for _ in 0..<400 {
            let port = Int.random(in: 0..<ports, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                guard open[port].count < 4 else { break }
                next[port] += UInt64.random(in: 0...9, using: &random) == 0 ? 2 : 1
                if case .image(let key, _) = bench.open(port, next[port]) {
                    open[port].append(key.id)
                    opened.insert(key)
                    segments[port] = key.segment
                }
            case 5..<9:
                guard !open[port].isEmpty else { break }
                let id = open[port].remove(at: Int.random(in: 0..<open[port].count, using: &random))
                bench.close(port, id, segment: segments[port], received: 60..<(Bool.random(using: &random) ? 68 : 66))
                if open[port].allSatisfy({ $0 > id }) { bench.synchronizer.pass(port, through: id) }
            default:
                bench.wait(UInt64.random(in: 0...300, using: &random), ports: port..<port + 1)
            }
            // Under pressure ports close what is too old.
            if let floor = bench.synchronizer.floor {
                for port in 0..<ports where segments[port] == floor.segment {
                    for id in open[port] where id <= floor.id {
                        bench.close(port, id, segment: segments[port], received: 60..<61)
                    }
                    open[port].removeAll { $0 <= floor.id }
                }
            }
            // Ports stay near each other, as those of a detector do.
            let head = next.max() ?? 0
            for port in 0..<ports where next[port] + 4 < head && open[port].isEmpty { next[port] = head - 2 }
            _ = bench.settle()
            #expect(bench.synchronizer.ledger.imbalance == nil, "seed \(seed)")
        }
        for port in 0..<ports { for id in open[port] { bench.close(port, id, segment: segments[port]) } }
        bench.finish()
        let keys = bench.decided.map(\.key)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
        #expect(Set(keys).isSubset(of: opened), "seed \(seed)")
        let ledger = bench.synchronizer.ledger
        #expect(ledger.published == UInt64(keys.count), "seed \(seed)")
        #expect(ledger.published + ledger.dropped.values.reduce(0, +) == UInt64(opened.count), "seed \(seed)")
        #expect(ledger.imbalance == nil, "seed \(seed)")
        #expect(bench.free.sorted() == Array(0..<slots), "seed \(seed): slots")
    }
}

extension CounterJump {
    /// So many packets of frames that have the numbers of their images.
    static func held(_ count: Int, at time: UInt64, image: UInt64, direction: Direction = .ahead) -> CounterJump {
        var jump = CounterJump(packetsPerFrame: 128, reach: 4)
        for _ in 0..<count { jump.hold(frame: image, image: image, direction: direction, at: time) }
        return jump
    }
}
