import Synchronization
import Testing

@testable import DAQCore

@Suite struct BoundedQueueTests {
    private final class Token: Sendable {}

    @Test func elementsComeOutInOrderAndOnce() {
        let queue = BoundedQueue<Int>(limit: 1000)
        for number in 0..<600 { #expect(isAccepted(queue.offer(number))) }
        for number in 0..<300 { #expect(queue.take() == number) }
        for number in 600..<900 { #expect(isAccepted(queue.offer(number))) }
        queue.close()
        for number in 300..<900 { #expect(queue.take() == number) }
        #expect(queue.take() == nil)
        #expect(queue.take() == nil, "the end stays the end")
        #expect(queue.highWater == 600)
    }

    @Test func aFullOrClosedQueueRefuses() {
        let queue = BoundedQueue<Int>(limit: 2)
        #expect(isAccepted(queue.offer(1)))
        #expect(isAccepted(queue.offer(2)))
        #expect(!isAccepted(queue.offer(3)))
        #expect(queue.take() == 1)
        #expect(isAccepted(queue.offer(4)))
        queue.close()
        #expect(!isAccepted(queue.offer(5)))
        #expect(queue.take() == 2)
        #expect(queue.take() == 4)
        #expect(queue.take() == nil)
    }

    @Test func aQueueWithoutRoomRefusesEverything() {
        let queue = BoundedQueue<Int>(limit: 0)
        #expect(!isAccepted(queue.offer(1)))
        queue.close()
        #expect(queue.take() == nil)
    }

    /// Images hold slots of the ring: what was taken must not be kept by the queue until it happens to run empty.
    @Test func whatWasTakenIsLetGo() {
        let queue = BoundedQueue<Token>(limit: 16)
        weak var first: Token?
        do {
            let token = Token()
            first = token
            #expect(isAccepted(queue.offer(token)))
        }
        #expect(isAccepted(queue.offer(Token())))
        #expect(first != nil)
        _ = queue.take()
        #expect(first == nil)
        #expect(queue.take() != nil)
    }

    @Test func aWaitingTakerIsWokenByElementsAndByTheEnd() throws {
        let queue = BoundedQueue<Int>(limit: 4)
        let sum = Mutex(0)
        let taker = try DataThread(name: "taker") { while let number = queue.take() { sum.withLock { $0 += number } } }
        var offered = 0
        for number in 1...20_000 {
            while !isAccepted(queue.offer(number)) {}
            offered += number
        }
        queue.close()
        taker.join()
        #expect(sum.withLock { $0 } == offered)
    }
}

/// Whether an offer was taken without giving up anything.
private func isAccepted<Element>(_ answer: BoundedQueue<Element>.Answer) -> Bool {
    if case .accepted = answer { true } else { false }
}
