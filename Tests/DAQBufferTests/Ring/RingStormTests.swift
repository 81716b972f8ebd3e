import DAQCore
import DAQSimulator
import Foundation
import Testing

@testable import DAQBuffer

/// Processes that do their worst to a ring, and are killed while they do it.
@Suite(.serialized, .timeLimit(.minutes(20))) struct RingStormTests {
    /// 256 KiB images filled with their id, a writer at full speed, every word compared.
    @Test func aReaderThatIsTooSlowGetsOverwrittenAndNeverMixedPixels() throws {
        let ring = RingName()
        let writer = try StormProcess("write", ring.text, ["slots": 4])
        try writer.wait(for: "ready")
        let reads = Storm.count(200_000, 4000)
        let numbers = try StormProcess("read", ring.text, ["reads": reads, "overwritten": reads / 40, "seed": 7])
            .result(seconds: 900)
        #expect(numbers["torn"] == 0)
        #expect(numbers["whole", default: 0] + numbers["overwritten", default: 0] >= reads)
        #expect(numbers["overwritten", default: 0] >= reads / 40, "the writer must have been fast enough to hurt: \(numbers)")
        #expect(try writer.finish()["refused"] == 0, "readers without leases cost no image")
        #expect(ring.objects.isEmpty)
    }

    /// Readers with leases are killed at random moments while others read: nobody else loses an image, no lease stays.
    @Test func killedReadersCostNobodyAnImage() throws {
        let ring = RingName()
        // Two readers of at most three images at a time: with 16 slots there is always a free one unless a lease stays.
        let writer = try StormProcess("write", ring.text, ["slots": 16, "pause": 500])
        try writer.wait(for: "ready")
        let follower = try StormProcess("follow", ring.text, ["look": 0])
        let survivor = try StormProcess("lease", ring.text, ["seed": 5, "most": 2])
        try follower.wait(for: "attached")
        try survivor.wait(for: "leased")
        let observer = try ImageRingReader(attachingTo: ring.text)
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix64(seed: seed)
        var stuck = StormTimes("leases of a killed reader")
        var withLease = 0
        for turn in 0..<Storm.count(200, 12) {
            let victim = try StormProcess("lease", ring.text, ["seed": turn * 2 + 1, "most": 3])
            try victim.wait(for: "leased")
            let place = try #require(observer.leases.place(of: victim.pid))
            usleep(UInt32(random.next() % 30_000))
            let killed = victim.kill()
            if observer.leases.holds(place) { withLease += 1 }
            // The table in shared memory is what the writer goes by.
            while observer.leases.isTaken(place), Clock.monotonic() < killed + 30_000_000_000 { usleep(200) }
            stuck.note(from: killed, to: Clock.monotonic())
        }
        try stuck.check()
        #expect(withLease > 0, "some must have died with a lease, seed \(seed)")
        let held = try survivor.finish()
        #expect(observer.leasedSlots == 0, "seed \(seed)")
        let written = try writer.finish()
        let followed = try follower.result()
        #expect(held["torn"] == 0, "leased images stay as they are, seed \(seed)")
        #expect(written["refused"] == 0, "no image found the ring full, seed \(seed)")
        #expect(followed["skipped"] == 0 && followed["torn"] == 0, "\(followed), seed \(seed)")
        #expect(ring.objects.isEmpty)
    }

    /// Owners are killed at random moments: images stay readable, the next owner takes over, the ids between are counted.
    ///
    /// Every other successor waits when the owner dies; the others are started afterwards, and what the start of a process costs
    /// is told apart. What was published is read from the index, which the dead owner has left as it was.
    @Test func killedOwnersLeaveReadableImagesAndNothingElse() throws {
        let ring = RingName()
        let slots = 8
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix64(seed: seed)
        func owner(_ options: [String: Int]) throws -> StormProcess {
            let common = ["slots": slots, "bytes": 65536, "hold": 1]
            return try StormProcess("write", ring.text, common.merging(options) { $1 })
        }
        var waiting = StormTimes("takeover by a process that waits")
        var starting = StormTimes("takeover by a process that is started, from its first line on")
        var starts = StormTimes("start of such a process, for which no ring can be blamed")
        var current = try owner(["first": 1])
        _ = try current.numbers(beginningWith: "first")
        try current.goOn()
        // One reader sees all owners: each takes over the same objects.
        let reader = try ImageRingReader(attachingTo: ring.text)
        while reader.published < slots { usleep(500) }
        let objects = ring.objects
        for turn in 1...Storm.count(100, 8) {
            let gap = Int(random.next() % 100)
            var successor: StormProcess?
            if turn % 2 == 0 {
                successor = try owner(["standby": 1, "gap": gap])
                try successor?.wait(for: "waiting")
            }
            usleep(UInt32(random.next() % 50_000))
            let killed = current.kill()
            var left: [RingEntry]?
            if successor == nil {
                #expect(reader.condition == .orphaned)
                left = images(in: reader, seed)
                #expect((slots - 1...slots).contains(left?.count ?? 0), "all but what was being filled, seed \(seed)")
                let started = Clock.monotonic()
                let last = try #require(left?.last?.metadata.id)
                let next = try owner(["first": Int(last) + 1 + gap])
                let times = try next.numbers(beginningWith: "first")
                starts.note(from: started, to: UInt64(times["began", default: 0]))
                starting.note(from: UInt64(times["began", default: 0]), to: UInt64(times["published", default: 0]))
                successor = next
            } else {
                let times = try successor?.numbers(beginningWith: "first")
                waiting.note(from: killed, to: UInt64(times?["published"] ?? 0))
            }
            // The successor rests after its first image.
            let entries = images(in: reader, seed)
            #expect(entries.count == slots && reader.condition == .running, "seed \(seed)")
            let first = try #require(entries.last)
            let last = try #require(entries.dropLast().last)
            #expect(first.epoch == UInt64(turn + 1) && last.epoch == UInt64(turn), "seed \(seed)")
            #expect(first.idsSkipped == UInt64(gap), "the ids that nobody published, seed \(seed)")
            #expect(reader.published == first.publication, "seed \(seed)")
            if let left { #expect(entries.dropLast() == left.suffix(slots - 1), "nothing has changed, seed \(seed)") }
            #expect(ring.objects == objects, "seed \(seed)")
            current = try #require(successor)
            #expect(current.output.contains("takeover=\(last.metadata.id)\n"), "seed \(seed)")
            try current.goOn()
        }
        try waiting.check()
        try starting.check()
        try starts.show()
        // An owner that ends properly leaves nothing.
        _ = try current.finish()
        #expect(ring.objects.isEmpty, "\(ring.objects)")
    }

    /// All images that are there, in order: each whole, none left out, and every id between them accounted for.
    private func images(in reader: ImageRingReader, _ seed: UInt64) -> [RingEntry] {
        let entries = reader.all.sorted { $0.publication < $1.publication }
        for entry in entries {
            let isWhole = reader.read(entry) { span in
                span.withUnsafeBytes { $0.bindMemory(to: UInt32.self).allSatisfy { UInt64($0) == entry.metadata.id } }
            }
            #expect(isWhole == true, "seed \(seed)")
        }
        for (entry, next) in zip(entries, entries.dropFirst()) {
            #expect(next.publication == entry.publication + 1, "seed \(seed)")
            #expect(next.metadata.id == entry.metadata.id + 1 + next.idsSkipped, "seed \(seed)")
        }
        return entries
    }

    /// An owner may die between finishing an image and announcing it: the next one announces it, and it is counted once.
    @Test func anImageThatWasFinishedAndNotAnnouncedIsCountedOnce() throws {
        let name = RingName()
        let dead = try StormProcess("write", name.text, ["slots": 4, "bytes": 4096, "images": 6, "linger": 1])
        try dead.wait(for: "done")
        dead.kill()
        let index = try #require(try SharedObject.open(RingNames(name.text).index, writable: true))
        let words = SharedWords(mapping: try index.map(RingHeader.bytes, writable: true))
        words.store64(RingHeader.Offset.published, 5)
        words.store32(RingHeader.Offset.event, 5)
        let reader = try ImageRingReader(attachingTo: name.text)
        #expect(reader.newest?.metadata.id == 5 && reader.next(after: 5) == nil, "it was not published")

        let format = ImageFormat(width: 1024, height: 1, pixelType: .uint32)
        let ring = try ImageRing(creating: name.text, format: format, slots: 4)
        #expect(ring.takeover?.lastID == 6 && ring.takeover?.images == 4 && ring.takeover?.imagesOfLastOwner == 4)
        let late = try #require(reader.next(after: 5))
        #expect(late.entry.metadata.id == 6 && late.entry.epoch == 1 && late.overwritten == 0)
        _ = ring.publish(try #require(ring.claim(for: 10)), ImageMetadata(id: 10))
        let next = try #require(reader.next(after: 6))
        #expect(next.entry.publication == 7 && next.entry.epoch == 2 && next.entry.idsSkipped == 3 && next.overwritten == 0)
    }

    /// A run that takes over and cannot start leaves everything to the next one, which tells whose images are there.
    @Test func whoTakesOverAndLeavesTakesNothingAway() throws {
        let name = RingName()
        let dead = try StormProcess("write", name.text, ["slots": 4, "bytes": 4096, "images": 6, "linger": 1])
        try dead.wait(for: "done")
        dead.kill()
        let format = ImageFormat(width: 1024, height: 1, pixelType: .uint32)
        var ring: ImageRing? = try ImageRing(creating: name.text, format: format, slots: 4)
        ring?.leave()
        ring = nil
        let reader = try ImageRingReader(attachingTo: name.text)
        #expect(reader.condition == .orphaned && reader.newest?.metadata.id == 6)
        let next = try StormProcess("write", name.text, ["slots": 4, "bytes": 4096, "images": 1, "first": 7, "linger": 1])
        try next.wait(for: "done")
        next.kill()
        ring = try ImageRing(creating: name.text, format: format, slots: 4)
        #expect(ring?.takeover?.lastID == 7 && ring?.takeover?.images == 4 && ring?.takeover?.imagesOfLastOwner == 1)
        ring = nil
        #expect(name.objects.isEmpty)
        // There is nothing to leave of a ring of one's own.
        try ImageRing(creating: name.text, format: format, slots: 4).leave()
        #expect(name.objects.isEmpty)
    }

    /// A reader that follows through the death of owners sees every id, or is told how many it did not.
    @Test func aFollowerCountsTheIDsBetweenTwoOwnersExactly() throws {
        let ring = RingName()
        let first = try StormProcess("write", ring.text, ["slots": 64, "bytes": 4096, "images": 40, "pause": 1000, "linger": 1])
        try first.wait(for: "done")
        let follower = try StormProcess("follow", ring.text, ["patience": 1000])
        try follower.wait(for: "attached")
        usleep(50_000)
        first.kill()
        let second = try StormProcess("write", ring.text, ["slots": 64, "bytes": 4096, "images": 20, "first": 61])
        #expect(try second.result()["published"] == 20)
        let numbers = try follower.result()
        #expect(numbers["seen"] == 60)
        #expect(numbers["skipped"] == 20, "41 to 60")
        #expect(numbers["last"] == 80)
        #expect(numbers["epoch"] == 2)
    }
}

extension LeaseTable {
    /// The place of a process that has taken one.
    fileprivate func place(of pid: Int32) -> Int? { (0..<Self.readers).first { isTaken($0) && self.pid(of: $0) == pid } }
    /// Whether the owner goes by what the reader in a place asks for.
    fileprivate func isTaken(_ place: Int) -> Bool { registered & 1 << UInt64(place) != 0 }
    /// Whether the reader in a place keeps any slot.
    fileprivate func holds(_ place: Int) -> Bool { (0..<slotCount).contains { holders(of: $0) & 1 << UInt64(place) != 0 } }
}
