import DAQBuffer
import DAQCore
import Foundation
import Testing

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
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = seed
        for turn in 0..<Storm.count(200, 12) {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let victim = try StormProcess("lease", ring.text, ["seed": turn * 2 + 1, "most": 3])
            try victim.wait(for: "leased")
            usleep(UInt32((random >> 33) % 30_000))
            victim.kill()
        }
        let held = try survivor.finish()
        // Within a second all leases of the dead are gone, although nobody told of them.
        usleep(1_000_000)
        let reader = try ImageRingReader(attachingTo: ring.text)
        #expect(reader.leasedSlots == 0, "seed \(seed)")
        let written = try writer.finish()
        let followed = try follower.result()
        #expect(held["torn"] == 0, "leased images stay as they are, seed \(seed)")
        #expect(written["refused"] == 0, "no image found the ring full, seed \(seed)")
        #expect(followed["skipped"] == 0 && followed["torn"] == 0, "\(followed), seed \(seed)")
        #expect(ring.objects.isEmpty)
    }

    /// Owners are killed at random moments: images stay readable, the next owner takes over, the ids between are counted.
    @Test func killedOwnersLeaveReadableImagesAndNothingElse() throws {
        let ring = RingName()
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = seed
        var first = 1
        var expectedSkips = 0
        var lastSeen: Int?
        for turn in 0..<Storm.count(100, 8) {
            let owner = try StormProcess("write", ring.text, ["slots": 8, "first": first, "bytes": 65536])
            let begin = ContinuousClock.now
            try owner.wait(for: "ready")
            #expect(ContinuousClock.now - begin < .seconds(10), "the wait of a test on a busy machine")
            if let lastSeen {
                #expect(owner.output.contains("takeover=\(lastSeen)"), "it goes on after \(lastSeen), seed \(seed)")
            }
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            usleep(UInt32((random >> 33) % 50_000))
            // It has published something of its own before it dies.
            while try ImageRingReader(attachingTo: ring.text).newest?.epoch != UInt64(turn + 1) { usleep(500) }
            owner.kill()

            let reader = try ImageRingReader(attachingTo: ring.text)
            #expect(reader.condition == .orphaned)
            let entries = reader.all
            #expect(entries.count >= 7, "all but what was being filled, seed \(seed)")
            for entry in entries {
                let isWhole = reader.read(entry) { span in
                    span.withUnsafeBytes { $0.bindMemory(to: UInt32.self).allSatisfy { UInt64($0) == entry.metadata.id } }
                }
                #expect(isWhole == true, "seed \(seed)")
            }
            // It may have died between finishing an image and announcing it: the descriptors know one more then.
            let newest = try #require(entries.max { $0.publication < $1.publication })
            #expect(newest.publication - reader.published <= 1, "seed \(seed)")
            // The first image of this owner knows how many ids lie between it and the last image of the owner before it.
            if let lastSeen, let firstOfOwner = entries.filter({ $0.epoch == UInt64(turn + 1) && $0.idsSkipped > 0 }).first {
                expectedSkips = first - lastSeen - 1
                #expect(firstOfOwner.idsSkipped == UInt64(expectedSkips), "seed \(seed)")
            }
            lastSeen = Int(newest.metadata.id)
            first = Int(newest.metadata.id) + 1 + Int((random >> 50) % 100)
        }
        // An owner that ends properly leaves nothing.
        let last = try StormProcess("write", ring.text, ["slots": 8, "first": first, "bytes": 65536, "images": 20])
        #expect(try last.result()["published"] == 20)
        #expect(ring.objects.isEmpty, "\(ring.objects)")
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
