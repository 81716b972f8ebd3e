import DAQBuffer
import DAQCore
import Foundation
import Testing

/// A ring with a name and its readers, in one process.
@Suite struct SharedRingTests {
    private static let format = ImageFormat(width: 32, height: 4, pixelType: .uint16)

    private func ring(_ name: RingName, slots: Int = 4, idStep: UInt64 = 1) throws -> ImageRing {
        try ImageRing(creating: name.text, format: Self.format, slots: slots, idStep: idStep)
    }

    /// Publishes an image whose every pixel is the low part of its id.
    @discardableResult
    private func publish(_ id: UInt64, in ring: ImageRing, _ change: (inout ImageMetadata) -> Void = { _ in }) throws -> Image {
        let slot = try #require(ring.claim(for: id), "no free slot for \(id)")
        ring.bytes(of: slot).withMemoryRebound(to: UInt16.self) { $0.update(repeating: UInt16(truncatingIfNeeded: id)) }
        var metadata = ImageMetadata(id: id)
        change(&metadata)
        return ring.publish(slot, metadata)
    }

    private func pixels(_ entry: RingEntry, in reader: ImageRingReader) -> [UInt16]? {
        reader.read(entry) { span in span.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) } }
    }

    @Test func aReaderFindsImagesByOrderAndByID() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        #expect(reader.format == Self.format && reader.slotCount == 4 && reader.condition == .running)
        #expect(reader.newest == nil && reader.next(after: 0) == nil && reader.entry(id: 1) == nil)
        for id: UInt64 in [10, 11, 13] { try publish(id, in: ring) }
        let newest = try #require(reader.newest)
        #expect(newest.metadata.id == 13 && newest.publication == 3 && newest.idsSkipped == 1)
        #expect(pixels(newest, in: reader) == Array(repeating: 13, count: 128))
        #expect(reader.next(after: 0)?.entry.metadata.id == 10)
        #expect(reader.next(after: 1)?.entry.metadata.id == 11)
        #expect(reader.next(after: 3) == nil)
        #expect(reader.entry(id: 11)?.publication == 2)
        #expect(reader.entry(id: 12) == nil)
    }

    @Test func aReaderThatFallsBehindIsToldHowManyItMissed() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        try publish(1, in: ring)
        let old = try #require(reader.newest)
        for id: UInt64 in 2...10 { try publish(id, in: ring) }
        #expect(pixels(old, in: reader) == nil, "it is overwritten")
        let next = try #require(reader.next(after: 1))
        #expect(next.entry.publication == 7 && next.overwritten == 5)
        #expect(reader.all.count == 4)
    }

    @Test func everythingAboutAnImageArrives() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        var lost = PacketSet(3..<6)
        lost.insert(511)
        let image = try publish(77, in: ring) { metadata in
            metadata.segment = 2
            (metadata.pulseID, metadata.detectorTimestamp, metadata.receivedAt) = (1 << 60, 2, 3)
            (metadata.information, metadata.informationDifference, metadata.expectedPackets) = (4, 5, 128)
            metadata.status = .missingPackets
            metadata.missing = [MissingPackets(port: 1, packets: lost), MissingPackets(port: 6, packets: PacketSet(0..<2))]
            metadata.annotations = [
                Annotation("n", .integer(-5)), Annotation("x", .number(0.5)), Annotation("μ", .text("gut")),
                Annotation("hit", .flag(true)),
            ]
        }
        let entry = try #require(reader.newest)
        #expect(entry.metadata == image.metadata)
        #expect(entry.missingPackets == 6 && entry.missingStreams == 2)
        #expect(image.lease.place == ImagePlace(ring: name.text, slot: entry.slot, generation: entry.generation))
    }

    @Test func moreThanTheIndexCanHoldIsSaid() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        try publish(1, in: ring) { metadata in
            metadata.missing = (0..<20).map { MissingPackets(port: $0, packets: PacketSet(0..<3)) }
            metadata.annotations = (0..<100).map { Annotation("name\($0)", .text("a longer text")) }
        }
        let entry = try #require(reader.newest)
        #expect(entry.metadata.missing.count == 8 && entry.missingStreams == 20 && entry.missingPackets == 60)
        #expect(entry.annotationsAreTruncated && entry.metadata.annotations.first?.name == "name0")
    }

    @Test func aLeasedImageStaysAndTheOthersGoRound() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text, as: .lossless)
        try publish(1, in: ring)
        let entry = try #require(reader.newest)
        var image = try reader.lease(entry)
        #expect(image != nil && reader.leasedCount == 1)
        for id: UInt64 in 2...20 { try publish(id, in: ring) }
        #expect(image?.withPixels(as: UInt16.self) { $0[0] } == 1)
        #expect(reader.isThere(entry))
        image = nil
        #expect(reader.leasedCount == 0 && reader.leasedSlots == 0)
        for id: UInt64 in 21...24 { try publish(id, in: ring) }
        #expect(!reader.isThere(entry))
        #expect(try reader.lease(entry) == nil, "it is too late")
    }

    @Test func aRingWhoseSlotsAreAllLeasedRefusesTheNewImage() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text, as: .lossless)
        var held: [Image?] = []
        for id: UInt64 in 1...4 {
            try publish(id, in: ring)
            held.append(try reader.lease(#require(reader.newest)))
        }
        #expect(ring.claim(for: 5, asksAgain: true) == nil && reader.refused == 0, "that may still become an image")
        #expect(ring.claim(for: 5) == nil && ring.refusal == .noFreeSlot && reader.refused == 1)
        held.removeFirst()
        try publish(6, in: ring)
        #expect(reader.newest?.metadata.id == 6)
    }

    @Test func aWatcherHoldsFewImagesForAShortTime() throws {
        let name = RingName()
        let ring = try ring(name, slots: 8)
        let watcher = try ImageRingReader(attachingTo: name.text)
        var held: [Image] = []
        var entries: [RingEntry] = []
        for id: UInt64 in 1...5 {
            try publish(id, in: ring)
            let entry = try #require(watcher.newest)
            entries.append(entry)
            if let image = try watcher.lease(entry) { held.append(image) }
        }
        #expect(held.count == ImageRingReader.watcherLeases)
        // A quarter of the ring is the most that watchers keep from being used.
        for id: UInt64 in 6...16 { try publish(id, in: ring) }
        #expect(entries.filter(watcher.isThere).count == 2)
        Foundation.Thread.sleep(forTimeInterval: 1.1)
        for id: UInt64 in 17...40 { try publish(id, in: ring) }
        #expect(entries.filter(watcher.isThere).isEmpty, "a second is enough")
    }

    @Test func aSecondOwnerIsRefusedByName() throws {
        let name = RingName()
        let ring = try ring(name)
        let id = ProcessInfo.processInfo.processIdentifier
        let error = #expect(throws: RingError.self) { try self.ring(name) }
        #expect(error == .owned(name: name.text, by: "process \(id)"))
        #expect("\(try #require(error))".contains("process \(id)"))
        ring.end()
        _ = try self.ring(name)
    }

    @Test func theObjectsAreNotForEverybodyAndGoWithTheRing() throws {
        let name = RingName()
        var ring: ImageRing? = try ring(name)
        #expect(name.objects.count == 3)
        for object in name.objects {
            let mode = try FileManager.default.attributesOfItem(atPath: "/dev/shm/\(object)")[.posixPermissions] as? Int
            #expect(mode == 0o660)
        }
        let image = try publish(1, in: #require(ring))
        let reader = try ImageRingReader(attachingTo: name.text)
        ring?.end()
        ring = nil
        #expect(name.objects.isEmpty)
        #expect(reader.condition == .ended && reader.newest.flatMap { pixels($0, in: reader) }?.first == 1)
        #expect(reader.wait(after: 1, milliseconds: 10_000) == .over)
        #expect(image.withPixels(as: UInt16.self) { $0[0] } == 1)
    }

    @Test func annotationsOfStagesReachReaders() throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        let image = try publish(1, in: ring)
        #expect(reader.newest?.metadata.chainRevision == 0)
        var metadata = image.metadata
        metadata.chainRevision = 3
        metadata.annotations = [Annotation("hits", .integer(4))]
        let before = try #require(reader.newest)
        image.lease.publish(metadata)
        #expect(reader.newest?.metadata == metadata)
        #expect(reader.isThere(before), "the pixels are the same")
    }

    @Test func waitingEndsWithAnImageOrWithTheTime() async throws {
        let name = RingName()
        let ring = try ring(name)
        let reader = try ImageRingReader(attachingTo: name.text)
        #expect(reader.wait(after: 0, milliseconds: 20) == .timeout)
        async let event = Task.detached { reader.wait(after: 0, milliseconds: 20_000) }.value
        try await Task.sleep(for: .milliseconds(50))
        try publish(1, in: ring)
        #expect(await event == .images)
    }

    @Test func anotherShapeOfTheSameNameReplacesWhatADeadOwnerLeft() throws {
        let name = RingName()
        // Objects without an owner: what a process that was killed leaves.
        let dead = try StormProcess("write", name.text, ["slots": 4, "bytes": 4096])
        try dead.wait(for: "ready")
        let old = try ImageRingReader(attachingTo: name.text)
        while old.published == 0 { usleep(1000) }
        dead.kill()
        #expect(old.condition == .orphaned)
        let ring = try ring(name)
        #expect(ring.takeover == nil && old.condition == .replaced)
        let entry = try #require(old.newest)
        #expect(old.read(entry) { $0.byteCount } == 4096, "who had it open still reads")
        #expect(try ImageRingReader(attachingTo: name.text).newest == nil)
        try publish(1, in: ring)
    }

    @Test(arguments: ["", "a/b", "two words", String(repeating: "x", count: 201)])
    func namesThatCannotBe(name: String) {
        #expect(throws: RingError.name(name)) { try ImageRing(creating: name, format: Self.format, slots: 2) }
    }

    @Test func aRingThatIsNotThereIsSaidWithThoseThatAre() throws {
        let name = RingName()
        let ring = try ring(name)
        let error = #expect(throws: RingError.self) { try ImageRingReader(attachingTo: name.text + "x") }
        #expect("\(try #require(error))".contains(name.text))
        withExtendedLifetime(ring) {}
    }

    @Test func moreThanTheSystemHasIsAnErrorWithTheNumberOfBytesAndLeavesNothing() throws {
        let name = RingName()
        let format = ImageFormat(width: 1 << 15, height: 1 << 15, pixelType: .uint32)
        let error = #expect(throws: RingError.self) { try ImageRing(creating: name.text, format: format, slots: 4096) }
        guard case .space(_, let bytes, _, _) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(bytes == 4096 << 32)
        #expect(name.objects.isEmpty)
    }
}
