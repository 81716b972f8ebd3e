import DAQBuffer
import DAQCore
import DAQSimulator
import Synchronization

/// A ring that counts what is asked of it, and refuses slots as if others held them.
final class SimulatedBuffer: ImageBuffer {
    /// What was asked of the ring.
    struct Counts {
        var refused: UInt64 = 0
        var abandoned: UInt64 = 0
        var published: UInt64 = 0
    }

    private struct State {
        var counts = Counts()
        var random: SplitMix64
        var isCalm = false
    }

    let ring: ImageRing
    private let refusals: Chance
    /// The image whose pixels are changed behind everybody's back.
    private let damagedImage: UInt64?
    private let state: Mutex<State>

    init(_ scenario: Scenario, damagedImage: UInt64?) throws {
        self.damagedImage = damagedImage
        ring = try ImageRing(
            format: scenario.configuration.imageFormat,
            slotBytes: try ImageAssembler.slotBytes(for: scenario.configuration), slots: scenario.slots)
        refusals = scenario.refusals
        state = Mutex(State(random: SplitMix64(seed: scenario.seed ^ 0x5107)))
    }

    var counts: Counts { state.withLock { $0.counts } }
    /// From now on only a ring that is really full refuses.
    func calm() { state.withLock { $0.isCalm = true } }

    var format: ImageFormat { ring.format }
    var slotCount: Int { ring.slotCount }
    var refusal: ImageDropReason { ring.refusal }

    func prepareSlots(for layout: UInt64, isZero: Bool, _ prepare: (UnsafeMutableRawBufferPointer) -> Void) throws {
        try ring.prepareSlots(for: layout, isZero: isZero, prepare)
    }

    func claim(for id: UInt64, asksAgain: Bool) -> Int? {
        state.withLock { state in
            var bits = state.random.next()
            let slot = !state.isCalm && refusals.happens(&bits) ? nil : ring.claim(for: id, asksAgain: asksAgain)
            if slot == nil, !asksAgain { state.counts.refused += 1 }
            return slot
        }
    }

    func bytes(of slot: Int) -> UnsafeMutableRawBufferPointer { ring.bytes(of: slot) }

    func abandon(_ slot: Int) {
        state.withLock { $0.counts.abandoned += 1 }
        ring.abandon(slot)
    }

    func publish(_ slot: Int, _ metadata: ImageMetadata) -> Image {
        let number = state.withLock { state in
            state.counts.published += 1
            return state.counts.published
        }
        if number == damagedImage { for index in bytes(of: slot).indices { bytes(of: slot)[index] ^= 0xFF } }
        return ring.publish(slot, metadata)
    }
}
