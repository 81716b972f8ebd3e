import DAQBuffer
import DAQCore
import Glibc
import Synchronization
import Testing

/// A new owner, or a new detector, that wants other gaps in slots that somebody may be looking at.
@Suite struct PrepareSlotsTests {
    /// Leases the newest image again and again, for a moment each time.
    private final class Holder: Sendable {
        private let isOver = Atomic(false)
        private let thread = Mutex<DataThread?>(nil)
        private let lost = Atomic(0)
        private let held = Atomic(0)

        init(_ reader: ImageRingReader) throws {
            let started = try DataThread(name: "holder") { [self] in
                while !isOver.load(ordering: .relaxed) {
                    guard let entry = reader.newest, let image = try? reader.lease(entry) else { continue }
                    held.add(1, ordering: .relaxed)
                    usleep(1000)
                    if !reader.isThere(entry) { lost.add(1, ordering: .relaxed) }
                    withExtendedLifetime(image) {}
                }
            }
            thread.withLock { $0 = started }
        }

        func stop() -> (held: Int, lost: Int) {
            isOver.store(true, ordering: .relaxed)
            thread.withLock { $0?.join() }
            return (held.load(ordering: .relaxed), lost.load(ordering: .relaxed))
        }
    }

    @Test func slotsThatALosslessReaderTakesMeanwhileStayAsTheyAre() throws {
        let name = RingName()
        let ring = try ImageRing(creating: name.text, format: ImageFormat(width: 1024, height: 512, pixelType: .uint8), slots: 32)
        let holder = try Holder(ImageRingReader(attachingTo: name.text, as: .lossless))
        var id: UInt64 = 0
        var (prepared, refused) = (0, 0)
        for layout in 1...200 as ClosedRange<UInt64> {
            for _ in 0..<ring.slotCount {
                id += 1
                guard let slot = ring.claim(for: id) else { continue }
                _ = ring.publish(slot, ImageMetadata(id: id))
            }
            do {
                try ring.prepareSlots(for: layout, isZero: false) { bytes in
                    if let start = bytes.baseAddress { memset(start, 0xFF, bytes.count) }
                }
                prepared += 1
            } catch RingError.held {
                refused += 1
            }
        }
        let (held, lost) = holder.stop()
        #expect(held > 0 && prepared + refused == 200)
        #expect(lost == 0, "\(lost) of \(held) held images; prepared \(prepared) times, refused \(refused) times")
    }
}
