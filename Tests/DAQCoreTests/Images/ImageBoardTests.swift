import Dispatch
import Synchronization
import Testing

@testable import DAQCore

@Suite struct ImageBoardTests {
    private func board() -> ImageBoard {
        let board = ImageBoard(ImageSynchronizer(.smallJungfrau(modules: 1), packets: [60..<68], slots: 8))
        board.with { _ = $0.decideJump(of: 0, .held(8, at: 1, image: 1), isOverdue: false) }
        return board
    }

    /// Receives one whole image.
    private func receive(_ id: UInt64, on board: ImageBoard) {
        let header = PacketHeader(
            frameNumber: id, packet: 60, bunchID: 0, timestamp: 0, row: 0, column: 0, information: 0, payloadOffset: 48)
        board.with { synchronizer in
            _ = synchronizer.open(0, id: id, at: id, header: header, receivedAt: 0) { 0 }
            synchronizer.close(0, ImageKey(segment: 0, id: id), received: PacketSet(60..<68), lastPacketAt: id)
            synchronizer.pass(0, through: id)
        }
    }

    /// Whoever waits for images gets each of them at once, not when the next one comes or the run ends.
    @Test func everyImageWakesWhoeverWaits() throws {
        let board = board()
        let arrived = DispatchSemaphore(value: 0)
        let count = Atomic(0)
        let taker = try DataThread(name: "taker") {
            while let decisions = board.nextDecisions() {
                count.add(decisions.count, ordering: .relaxed)
                for _ in decisions { arrived.signal() }
            }
        }
        for id in 1...200 as ClosedRange<UInt64> {
            receive(id, on: board)
            // Sometimes the taker is asleep by then, sometimes not.
            guard id % 3 != 0 else { continue }
            var left = 3
            while left > 0, count.load(ordering: .relaxed) < Int(id) {
                if arrived.wait(timeout: .now() + .seconds(5)) == .timedOut { left = 0 }
            }
            #expect(count.load(ordering: .relaxed) >= Int(id))
            guard left > 0 else { break }
        }
        board.finish()
        taker.join()
        #expect(count.load(ordering: .relaxed) == 200)
        #expect(board.nextDecisions() == nil, "the end stays the end")
    }

    @Test func whatIsPendingIsDecidedAtTheEnd() {
        let board = board()
        let header = PacketHeader(
            frameNumber: 1, packet: 60, bunchID: 0, timestamp: 0, row: 0, column: 0, information: 0, payloadOffset: 48)
        board.with { synchronizer in
            _ = synchronizer.open(0, id: 1, at: 1, header: header, receivedAt: 0) { 0 }
            synchronizer.close(0, ImageKey(segment: 0, id: 1), received: PacketSet(60..<61), lastPacketAt: 1)
        }
        #expect(board.takeDecisions().isEmpty)
        board.finish()
        #expect(board.nextDecisions()?.count == 1)
        #expect(board.nextDecisions() == nil)
        #expect(board.ledger.partial == 1)
    }
}
