import DAQCore
import Testing

@testable import DAQBuffer

@Suite("Stream selection")
struct StreamSelectorTests {
    /// The ids out of 0 ..< count that are taken when an image comes every `period` nanoseconds.
    private func taken(_ selection: StreamSelection, count: UInt64, period: UInt64, from start: UInt64 = 1 << 40) -> [UInt64] {
        var selector = StreamSelector(selection)
        return (0..<count).filter { selector.takes($0, at: start + $0 * period) }
    }

    private func taken(_ selection: StreamSelection, of ids: [UInt64]) -> [UInt64] {
        var selector = StreamSelector(selection)
        return ids.filter { selector.takes($0, at: 0) }
    }

    @Test("Every image, and every n-th as they come")
    func counted() {
        #expect(taken(.image, count: 4, period: 1) == [0, 1, 2, 3])
        #expect(taken(.nth(3), count: 8, period: 1) == [0, 3, 6])
        // Ids that are all odd are no reason to send nothing, or everything.
        #expect(taken(.nth(2), of: [1, 3, 5, 7]) == [1, 5])
    }

    @Test("Batches by id, wherever the stream begins")
    func batches() {
        #expect(taken(.batch(2, of: 5), count: 12, period: 1) == [0, 1, 5, 6, 10, 11])
        #expect(taken(.batch(2, of: 5), of: [7, 8, 9, 10, 11]) == [10, 11])
    }

    @Test("A rate is kept on average when images come a bit early or late")
    func rate() {
        // 1000 Hz for 10 s; 30 Hz does not divide it.
        #expect(abs(taken(.hertz(30), count: 10_000, period: 1_000_000).count - 300) <= 1)
        // Slower images are all taken.
        #expect(taken(.hertz(30), count: 10, period: 100_000_000).count == 10)
    }

    @Test("A pause is not caught up")
    func pause() {
        var selector = StreamSelector(.hertz(10))
        let milliseconds: [UInt64] = [1000, 60_000, 60_001, 60_099, 60_100]
        let taken = milliseconds.filter { selector.takes($0, at: $0 * 1_000_000) }
        #expect(taken == [1000, 60_000, 60_100])
    }

    @Test("Bursts of consecutive images")
    func bursts() {
        let ids = taken(.burst(3, hertz: 10), count: 300, period: 1_000_000)
        #expect(ids == [0, 1, 2, 100, 101, 102, 200, 201, 202])
    }

    @Test(
        "Odd numbers do no harm",
        arguments: [StreamSelection.nth(0), .hertz(0), .hertz(.infinity), .batch(-1, of: 0), .burst(0, hertz: -1)])
    func odd(selection: StreamSelection) {
        #expect(taken(selection, count: 10, period: .max / 100, from: 0).count <= 10)
    }
}
