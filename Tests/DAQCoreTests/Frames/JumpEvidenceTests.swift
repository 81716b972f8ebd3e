import Testing

import DAQSimulator
@testable import DAQCore

/// What a port keeps until it is known whether a counter has jumped.
@Suite struct JumpEvidenceTests {
    @Test func aPortVotesWithEightPacketsOrAWholeFrame() {
        var jump = CounterJump(packetsPerFrame: 128, reach: 4)
        for count in 1...8 {
            #expect(!jump.votes)
            jump.hold(frame: 5, image: UInt64(100 - count), direction: .below, at: UInt64(count))
        }
        #expect(jump.votes)
        #expect(jump.lowestImage == 92)
        #expect(jump.lowestFrame == 5)
        #expect(jump.since == 1)
        #expect(jump.direction == .below)
        var small = CounterJump(packetsPerFrame: 2, reach: 4)
        for _ in 0..<2 { small.hold(frame: 5, image: 5, direction: .ahead, at: 0) }
        #expect(small.votes)
    }

    @Test(arguments: [(512, 256), (128, 64), (16, 8), (8, 8), (2, 2)])
    func amongFramesItHasJustLeftAPortVotesWithHalfAFrame(packets: Int, needed: Int) {
        var jump = CounterJump(packetsPerFrame: packets, reach: 4)
        let first = (1...packets).first { _ in
            jump.hold(frame: 5, image: 5, direction: .below, mayBeLate: true, at: 0)
            return jump.votes
        }
        #expect(first == needed)
    }

    @Test func onePacketFromFurtherBackIsNoLateOne() {
        var jump = CounterJump(packetsPerFrame: 128, reach: 4)
        for _ in 0..<8 { jump.hold(frame: 5, image: 5, direction: .below, mayBeLate: true, at: 0) }
        #expect(!jump.votes)
        jump.hold(frame: 4, image: 4, direction: .below, at: 0)
        #expect(jump.votes)
    }

    @Test func onlyPacketsThatAgreeAreHeldTogether() {
        var jump = CounterJump(packetsPerFrame: 128, reach: 4)
        #expect(jump.judge(frame: 1000, direction: .ahead) == .hold)
        jump.hold(frame: 1000, image: 1000, direction: .ahead, at: 0)
        #expect(jump.judge(frame: 1003, direction: .ahead) == .hold)
        #expect(jump.judge(frame: 997, direction: .ahead) == .hold)
        #expect(jump.judge(frame: 1004, direction: .ahead) == .replace, "one wild packet is no evidence")
        #expect(jump.judge(frame: 1000, direction: .below) == .replace)
        for _ in 0..<7 { jump.hold(frame: 1000, image: 1000, direction: .ahead, at: 0) }
        #expect(jump.judge(frame: 1004, direction: .ahead) == .reject, "eight are")
        #expect(jump.judge(frame: .max, direction: .ahead) == .reject)
        #expect(jump.judge(frame: 0, direction: .below) == .reject)
    }

    @Test(arguments: [(32, 64), (64, 64), (128, 128), (512, 512)]) func thereIsALimit(packets: Int, limit: Int) {
        var jump = CounterJump(packetsPerFrame: packets, reach: 4)
        for _ in 0..<limit {
            #expect(jump.judge(frame: 9, direction: .below) == .hold)
            jump.hold(frame: 9, image: 9, direction: .below, at: 0)
        }
        #expect(jump.judge(frame: 9, direction: .below) == .reject)
        jump.clear()
        #expect(jump.held == 0)
        #expect(jump.judge(frame: 9, direction: .below) == .hold)
    }

    @Test func asManyPacketsInsideTheWindowRefuteIt() {
        var jump = CounterJump(packetsPerFrame: 128, reach: 4)
        jump.hold(frame: 9, image: 9, direction: .ahead, at: 0)
        for _ in 0..<7 { #expect(jump.contradict() == false) }
        #expect(jump.contradict() == true)
        jump.clear()
        for _ in 0..<20 { jump.hold(frame: 9, image: 9, direction: .ahead, at: 0) }
        for _ in 0..<19 { #expect(jump.contradict() == false) }
        #expect(jump.contradict() == true)
    }

    @Test func heldPacketsAreCopies() {
        let held = HeldPackets(capacity: 3, stride: 8)
        var bytes: [UInt8] = [1, 2, 3]
        for length in 1...3 { bytes[..<length].withUnsafeBytes { held.append($0) } }
        bytes = [9, 9, 9]
        #expect((0..<3).map { Array(held[$0]) } == [[1], [1, 2], [1, 2, 3]])
        held.removeAll()
        #expect(held.count == 0)
        bytes.withUnsafeBytes { held.append($0) }
        #expect(Array(held[0]) == [9, 9, 9])
    }

    @Test func packetSetsBehaveLikeSets() {
        var random = SplitMix64(seed: 1)
        var set = PacketSet()
        var other = PacketSet()
        var reference: Set<Int> = []
        var otherReference: Set<Int> = []
        for _ in 0..<2000 {
            let number = Int.random(in: 0..<PacketSet.capacity, using: &random)
            if Bool.random(using: &random) {
                #expect(set.insert(number) == reference.insert(number).inserted)
            } else {
                set.remove(number)
                reference.remove(number)
            }
            if Bool.random(using: &random) {
                other.insert(511 - number)
                otherReference.insert(511 - number)
            }
        }
        #expect(Set(set.numbers) == reference)
        #expect(set.count == reference.count)
        #expect(Set(set.subtracting(other).numbers) == reference.subtracting(otherReference))
        #expect(set == set.subtracting(PacketSet()))
        #expect(set.subtracting(set).isEmpty)
        for outside in [-1, 512, Int.max, Int.min] {
            #expect(!set.contains(outside))
            set.remove(outside)
        }
        #expect(PacketSet(60..<68).numbers == Array(60..<68))
        #expect(PacketSet(0..<512).count == 512)
    }

    @Test func aGridKnowsItsCells() {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 4)
        configuration.moduleGrid = ModuleGrid(rows: 2, columns: 2)
        configuration.modulePositions[2] = nil
        let map = GridMap(ModuleGrid(rows: 2, columns: 2), streams: configuration.streams, placed: configuration.placedStreams)
        #expect(map.place(row: 0, column: 0) == .port(0))
        #expect(map.place(row: 1, column: 0) == .port(1))
        #expect(map.place(row: 0, column: 1) == .unplaced)
        #expect(map.place(row: 1, column: 1) == .port(2), "the third of those that are received")
        #expect(map.place(row: 2, column: 0) == .outside)
        #expect(map.place(row: 0, column: 2) == .outside)
        #expect(map.place(row: .max, column: .max) == .outside)
    }
}
