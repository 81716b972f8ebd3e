import CDAQTestSupport
import DAQBuffer
import DAQCore
import Glibc

/// Reads a ring and compares every word.
struct Reading {
    let options: StormOptions

    /// Reads images at random, wherever the writer is, a number of times.
    func readAtRandom() throws {
        let reader = try ImageRingReader(attachingTo: options.ring)
        var state = UInt64(options("seed", 1)) | 1
        var (whole, overwritten, torn) = (0, 0, 0)
        let reads = options("reads", 1000)
        let words = reader.format.bytes / 4
        var misses = 0
        // On a busy machine the writer may rest for a while: then it takes more reads until enough were overwritten.
        let least = options("overwritten", 0)
        while misses < 1_000_000 {
            let done = whole + overwritten + torn
            if done >= reads, overwritten >= least || done >= 20 * reads { break }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let published = reader.published
            // The next to be overwritten more often than not.
            let depth = (state >> 33) % 4 == 0 ? 1 : UInt64(reader.slotCount - 1)
            guard published > depth, let entry = reader.next(after: published - depth)?.entry else {
                misses += 1
                if published <= depth { usleep(1000) }
                continue
            }
            let id = entry.metadata.id
            let others = reader.read(entry) { span in
                span.withUnsafeBytes { cdaq_test_count_other($0.baseAddress, UInt32(truncatingIfNeeded: id), words) }
            }
            let isConsistent =
                entry.metadata.pulseID == id &* 3 && entry.metadata.detectorTimestamp == id &* 7
                && entry.metadata.annotations == [Annotation("id", .integer(Int64(id)))]
            switch others {
            case nil: overwritten += 1
            case 0 where isConsistent: whole += 1
            default: torn += 1
            }
        }
        print("whole=\(whole) overwritten=\(overwritten) torn=\(torn) misses=\(misses)")
    }

    /// Follows every image, so far as it can, until the ring is over; says what it saw and what it missed.
    func follow() throws {
        let reader = try ImageRingReader(attachingTo: options.ring)
        print("attached")
        var (seen, overwritten, skipped, torn) = (0, UInt64(0), UInt64(0), 0)
        var (position, first, last) = (UInt64(0), UInt64(0), UInt64(0))
        let words = reader.format.bytes / 4
        let isLooking = options("look", 1) != 0
        // An owner that comes back goes on in the same ring.
        var patience = options("patience", 0)
        while true {
            if let next = reader.next(after: position) {
                let entry = next.entry
                position = entry.publication
                overwritten += next.overwritten
                if seen == 0 { first = entry.metadata.id } else { skipped += entry.idsSkipped }
                last = entry.metadata.id
                seen += 1
                guard isLooking else { continue }
                let others = reader.read(entry) { span in
                    span.withUnsafeBytes {
                        cdaq_test_count_other($0.baseAddress, UInt32(truncatingIfNeeded: entry.metadata.id), words)
                    }
                }
                if let others, others > 0 { torn += 1 }
                continue
            }
            if reader.wait(after: position, milliseconds: 100) == .over {
                guard reader.condition == .orphaned, patience > 0 else { break }
                patience -= 1
                usleep(10_000)
            }
        }
        print(
            "seen=\(seen) overwritten=\(overwritten) skipped=\(skipped) torn=\(torn) first=\(first) last=\(last) "
                + "epoch=\(reader.epoch) condition=\(reader.condition)")
    }

    /// Takes leases at random and looks whether the images stay as they are, until it is killed or standard input ends.
    func lease() throws {
        let reader = try ImageRingReader(attachingTo: options.ring, as: .lossless)
        print("attached")
        var state = UInt64(options("seed", 1)) | 1
        let words = reader.format.bytes / 4
        let most = options("most", 3)
        var held: [Image] = []
        var (taken, torn) = (0, 0)
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, 0) == 0 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if held.count < most, let entry = reader.newest, let image = try reader.lease(entry) {
                held.append(image)
                taken += 1
                if taken == 1 { print("leased") }
            }
            for image in held {
                let id = UInt32(truncatingIfNeeded: image.metadata.id)
                let others = image.withBytes { span in
                    span.withUnsafeBytes { cdaq_test_count_other($0.baseAddress, id, words) }
                }
                if others > 0 { torn += 1 }
            }
            if held.count >= most || (state >> 40) & 3 == 0, !held.isEmpty { held.removeFirst() }
            usleep(UInt32((state >> 33) % 2000))
        }
        held = []
        print("taken=\(taken) torn=\(torn)")
    }
}
