import Testing

import DAQSimulator
@testable import DAQCore

@Suite struct FrameReassemblerTests {
    private typealias Frame = FrameReassembler.Frame

    /// Sorts a packet in and opens its frame when it begins one; images have the numbers of their frames.
    @discardableResult
    private func add(
        _ reassembler: inout FrameReassembler, _ number: UInt64, _ packet: Int, at time: UInt64 = 0,
        over: (Frame) -> Void = { _ in }
    ) -> FrameReassembler.Verdict {
        let verdict = reassembler.accept(frame: number, packet: packet, at: time)
        switch verdict {
        case .begins, .ahead:
            reassembler.moveWindow(to: number, over: over)
            reassembler.open(Frame(number: number, image: ImageKey(segment: 0, id: number), destination: .slot(0)))
            return reassembler.accept(frame: number, packet: packet, at: time)
        case .completes, .adds, .duplicate, .below: return verdict
        }
    }

    @Test func withoutAWindowEveryPacketIsAhead() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        #expect(reassembler.accept(frame: 0, packet: 0, at: 0) == .ahead)
        #expect(reassembler.accept(frame: .max, packet: 0, at: 0) == .ahead)
        #expect(reassembler.low == nil)
    }

    @Test func aFrameBeginsFillsAndCompletes() {
        var reassembler = FrameReassembler(packetsPerFrame: 3, window: 4, step: 1)
        #expect(add(&reassembler, 5, 2) == .adds(0))
        #expect(add(&reassembler, 5, 2) == .duplicate)
        #expect(add(&reassembler, 5, 0) == .adds(0))
        #expect(add(&reassembler, 5, 1) == .completes(0))
        #expect(add(&reassembler, 5, 1) == .duplicate, "until the window has moved, it is known")
        reassembler.slide { _ in Issue.record("a complete frame is not reported a second time") }
        #expect(reassembler.low == 6)
        #expect(reassembler.passedImage == 5)
        #expect(reassembler.accept(frame: 5, packet: 1, at: 0) == .below)
    }

    @Test func theWindowHoldsAsManyFramesAsItSays() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        add(&reassembler, 10, 0)
        for number in [13, 11, 12] as [UInt64] { #expect(reassembler.accept(frame: number, packet: 0, at: 0) == .begins) }
        for number in [13, 11, 12] as [UInt64] { add(&reassembler, number, 0) }
        let open = (0..<reassembler.frames.count).map { reassembler.frames[$0].number }
        #expect(open == [10, 11, 12, 13])
        #expect(reassembler.accept(frame: 14, packet: 0, at: 0) == .ahead)
        #expect(reassembler.accept(frame: 9, packet: 0, at: 0) == .below)
        var over: [UInt64] = []
        add(&reassembler, 15, 0) { over.append($0.number) }
        #expect(over == [10, 11], "what falls out of the window is over, oldest first")
        #expect(reassembler.low == 12)
    }

    @Test func theWindowIsAsLongAsItSaysEvenWhenItIsNotFull() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 10)
        add(&reassembler, 100, 0)
        #expect(reassembler.accept(frame: 139, packet: 0, at: 0) == .begins)
        #expect(reassembler.accept(frame: 140, packet: 0, at: 0) == .ahead)
    }

    @Test func slidingStopsAtAGapAndAtAnIncompleteFrame() {
        var reassembler = FrameReassembler(packetsPerFrame: 1, window: 4, step: 1)
        for number in [1, 2, 4] as [UInt64] { add(&reassembler, number, 0) }
        reassembler.slide { _ in }
        #expect(reassembler.low == 3)
        add(&reassembler, 3, 0)
        reassembler.slide { _ in }
        #expect(reassembler.low == 5)
        let open = reassembler.frames.count
        #expect(open == 0)
    }

    @Test func silenceEndsFramesFromTheOldestOn() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        add(&reassembler, 1, 0, at: 100)
        add(&reassembler, 2, 0, at: 300)
        add(&reassembler, 2, 0, at: 900)  // A duplicate keeps nothing alive.
        var over: [UInt64] = []
        reassembler.flush(at: 1099, timeout: 1000) { over.append($0.number) }
        #expect(over == [])
        reassembler.flush(at: 1100, timeout: 1000) { over.append($0.number) }
        #expect(over == [1])
        reassembler.flush(at: 1300, timeout: 1000) { over.append($0.number) }
        #expect(over == [1, 2])
        #expect(reassembler.accept(frame: 2, packet: 1, at: 1300) == .below)
    }

    @Test func aFrameThatIsStillComingProtectsLaterOnes() {
        var reassembler = FrameReassembler(packetsPerFrame: 3, window: 4, step: 1)
        add(&reassembler, 1, 0, at: 0)
        add(&reassembler, 2, 0, at: 0)
        add(&reassembler, 1, 1, at: 900)
        reassembler.flush(at: 1000, timeout: 1000) { _ in Issue.record("frame 1 is still coming") }
        let open = reassembler.frames.count
        #expect(open == 2)
    }

    @Test func framesCloseThroughAnImage() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        for number in [1, 2, 3] as [UInt64] { add(&reassembler, number, 0) }
        var over: [UInt64] = []
        reassembler.close(through: ImageKey(segment: 0, id: 2)) { over.append($0.number) }
        #expect(over == [1, 2])
        #expect(reassembler.low == 3)
        #expect(reassembler.passedImage == 2)
    }

    @Test func aResetForgetsTheWindowButNoFrame() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        for number in [7, 8] as [UInt64] { add(&reassembler, number, 0) }
        var over: [UInt64] = []
        reassembler.reset { over.append($0.number) }
        #expect(over == [7, 8])
        #expect(reassembler.low == nil)
        #expect(reassembler.passedImage == nil)
        #expect(add(&reassembler, 1, 0) == .adds(0))
    }

    @Test func theWindowBeginsWhereTheSegmentDidIfThatIsNear() {
        var near = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        near.startWindow(at: 10, ifReaching: 13)
        #expect(near.low == 10)
        near.startWindow(at: 11, ifReaching: 13)
        #expect(near.low == 10, "a window that exists stays")
        var far = FrameReassembler(packetsPerFrame: 2, window: 4, step: 1)
        far.startWindow(at: 10, ifReaching: 14)
        #expect(far.low == nil)
        far.startWindow(at: 10, ifReaching: 9)
        #expect(far.low == nil)
    }

    @Test func numbersAtTheEndOfTheirRangeOverflowNothing() {
        var reassembler = FrameReassembler(packetsPerFrame: 1, window: 4, step: .max)
        #expect(add(&reassembler, .max - 1, 0) == .completes(0))
        reassembler.slide { _ in }
        #expect(add(&reassembler, .max, 0) == .completes(0))
        reassembler.moveWindow(to: .max) { _ in }
        let open = reassembler.frames.count
        #expect(open <= 4)
    }

    /// Frames beside the configured step: a wrong step, or somebody else's packets.
    @Test func framesBesideTheStepAreFinishedLikeOthers() {
        var reassembler = FrameReassembler(packetsPerFrame: 2, window: 4, step: 2)
        add(&reassembler, 12, 0)
        add(&reassembler, 13, 0)
        #expect(add(&reassembler, 13, 1) == .completes(1))
        #expect(add(&reassembler, 12, 1) == .completes(0))
        reassembler.slide { _ in }
        let open = reassembler.frames.count
        #expect(open == 0)
        #expect(reassembler.low == 15)
    }

    /// Whatever comes, every opened frame ends exactly once, and never more are open than the window holds.
    @Test(arguments: 0..<200) func everyFrameEndsOnce(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let step = UInt64.random(in: 1...3, using: &random)
        var reassembler = FrameReassembler(packetsPerFrame: 3, window: Int.random(in: 1...5, using: &random), step: step)
        var open: Set<UInt64> = []
        var complete: Set<UInt64> = []
        var counted: [UInt64: Int] = [:]
        func ended(_ frame: Frame) {
            #expect(open.remove(frame.number) != nil, "seed \(seed): frame \(frame.number) ends")
            #expect(counted[frame.number] == frame.count && frame.received.count == frame.count, "seed \(seed)")
        }
        var base: UInt64 = 1 << 40
        for turn in 0..<500 {
            let time = UInt64(turn) * 10
            let number = base + UInt64.random(in: 0...12, using: &random)
            let packet = Int.random(in: 0..<3, using: &random)
            let verdict = reassembler.accept(frame: number, packet: packet, at: time)
            if verdict == .begins || verdict == .ahead {
                reassembler.moveWindow(to: number, over: ended)
                if complete.contains(number) || open.contains(number) { Issue.record("seed \(seed): \(number) opens again") }
                open.insert(number)
                counted[number] = 0
                reassembler.open(Frame(number: number, image: ImageKey(segment: 0, id: number), destination: .slot(0)))
            }
            switch verdict == .begins || verdict == .ahead ? reassembler.accept(frame: number, packet: packet, at: time) : verdict
            {
            case .adds: counted[number, default: 0] += 1
            case .completes:
                #expect(open.remove(number) != nil, "seed \(seed)")
                complete.insert(number)
                reassembler.slide { _ in Issue.record("seed \(seed): sliding passes complete frames only") }
            case .duplicate, .below: break
            case .begins, .ahead: Issue.record("seed \(seed): the window was moved for it")
            }
            let open = reassembler.frames.count
            #expect(open <= reassembler.window, "seed \(seed)")
            if Int.random(in: 0..<20, using: &random) == 0 { base += UInt64.random(in: 0...9, using: &random) * step }
            if Int.random(in: 0..<40, using: &random) == 0 { reassembler.flush(at: time, timeout: 100, over: ended) }
        }
        reassembler.reset(over: ended)
        #expect(open.isEmpty, "seed \(seed)")
    }
}
