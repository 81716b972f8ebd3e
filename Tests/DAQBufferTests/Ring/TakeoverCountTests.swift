import DAQCore
import Glibc
import Synchronization
import Testing

@testable import DAQBuffer

/// What an owner leaves whose images are gone, and what readers make of it.
@Suite struct TakeoverCountTests {
    private static let format = ImageFormat(width: 32, height: 4, pixelType: .uint16)

    private func publish(_ ids: ClosedRange<UInt64>, in ring: ImageRing, segment: UInt32 = 0) throws {
        for id in ids {
            var metadata = ImageMetadata(id: id)
            metadata.segment = segment
            _ = ring.publish(try #require(ring.claim(for: id)), metadata)
        }
    }

    /// Takes all images away, as a run with other gaps between modules does.
    private func clear(_ ring: ImageRing) throws {
        for layout in [5, 0] as [UInt64] { try ring.prepareSlots(for: layout, isZero: false) { _ in } }
    }

    @Test func anOwnerThatFindsNoImagesCountsOnAndNamesNoImageTwice() throws {
        let name = RingName()
        let first = try ImageRing(creating: name.text, format: Self.format, slots: 4)
        let reader = try ImageRingReader(attachingTo: name.text)
        try publish(1...10, in: first)
        try publish(11...12, in: first, segment: 3)
        let claimed = (0..<4).compactMap { _ in first.claim(for: 0) }
        #expect(first.claim(for: 0) == nil && reader.refused == 1)
        for slot in claimed { first.abandon(slot) }
        try clear(first)
        #expect(reader.all.isEmpty && reader.published == 12)
        // It dies: the kernel takes its lock away.
        first.objects.shared?.index.unlock(byte: RingHeader.ownerByte)
        #expect(reader.condition == .orphaned)

        let second = try ImageRing(creating: name.text, format: Self.format, slots: 4)
        #expect(second.takeover?.images == 0 && reader.published == 12 && reader.refused == 0)
        try publish(15...15, in: second)
        #expect(reader.wait(after: 12, milliseconds: 10_000) == .images)
        let entry = try #require(reader.next(after: 12)?.entry)
        #expect(entry.publication == 13 && entry.metadata.segment == 4 && entry.metadata.id == 15)
        #expect(entry.idsSkipped == 2, "13 and 14 went with the first owner")
        second.end()
        withExtendedLifetime(first) {}
    }

    @Test func theRingOfAFarEndIsTakenOverByWhoeverReceivesWholeImages() throws {
        let name = RingName()
        let camera = SourceConfiguration(address: "tcp://camera:1", format: .bsread)
        let direct = DetectorConfiguration(name: name.text, receiving: Self.format, from: camera)
        var far = direct
        far.forwardSource = ForwardConfiguration(address: "tcp://127.0.0.1:*", isListening: true)
        var rings: [ImageRing] = []
        for (detector, isTakenOver) in [(far, false), (far, true), (direct, true)] {
            let ring = try ImageRing(creating: name.text, for: detector)
            #expect((ring.takeover != nil) == isTakenOver)
            try ForwardedSource(into: ring, ForwardBench.listen()).prepare()
            try publish(1...3, in: ring)
            rings.append(ring)
            ring.objects.shared?.index.unlock(byte: RingHeader.ownerByte)
        }
        rings.last?.end()
    }

    @Test func aWaitOfAnyLengthEndsWithTheOwner() throws {
        let name = RingName()
        let ring = try ImageRing(creating: name.text, format: Self.format, slots: 4)
        let reader = try ImageRingReader(attachingTo: name.text)
        ring.end()
        #expect(reader.wait(after: 0, milliseconds: .max) == .over)
    }

    @Test func aSourceEndsWithTheOwnerAlthoughWhatWasAnnouncedIsGone() throws {
        let name = RingName()
        let ring = try ImageRing(creating: name.text, format: Self.format, slots: 4)
        let source = RingSource(try ImageRingReader(attachingTo: name.text, as: .lossless), after: 0)
        try publish(1...3, in: ring)
        try clear(ring)
        let isOver = Mutex(false)
        let thread = try DataThread(name: "source") {
            try? source.run { _ in }
            isOver.withLock { $0 = true }
        }
        usleep(50_000)
        #expect(!isOver.withLock { $0 })
        ring.end()
        for _ in 0..<1000 where !isOver.withLock({ $0 }) { usleep(10_000) }
        #expect(isOver.withLock { $0 })
        source.stop()
        thread.join()
    }
}
