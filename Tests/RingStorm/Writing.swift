import CDAQTestSupport
import DAQBuffer
import DAQCore
import Glibc

/// Fills a ring with images whose every word is the image's id.
struct Writing {
    let options: StormOptions

    /// Writes until standard input ends, so that nobody who dies leaves a writer behind.
    func run() throws {
        let words = options("bytes", 262_144) / 4
        let ring = try ImageRing(
            creating: options.ring, format: ImageFormat(width: words, height: 1, pixelType: .uint32),
            slots: options("slots", 8))
        let limit = options("images", .max)
        let pause = UInt32(options("pause", 0))
        var id = UInt64(options("first", 1))
        // Images in the hands of sinks of this process.
        var held: [Image] = []
        let keep = options("keep", 0)
        var refused = 0
        var published = 0
        print("ready takeover=\(ring.takeover?.lastID.map(String.init) ?? "none")")
        let begin = cdaq_test_cpu_time()
        while published < limit, !isOver(published + refused) {
            if let slot = ring.claim(for: id) {
                cdaq_test_fill(ring.bytes(of: slot).baseAddress, UInt32(truncatingIfNeeded: id), words)
                let image = ring.publish(slot, metadata(id))
                published += 1
                if keep > 0 {
                    if held.count == keep { held.removeFirst() }
                    held.append(image)
                }
            } else {
                refused += 1
            }
            id += 1
            if pause > 0 { usleep(pause) }
        }
        let time = cdaq_test_cpu_time() - begin
        if options("linger", 0) != 0 {
            print("done")
            while !isOver(0) { usleep(1000) }
        }
        print("published=\(published) refused=\(refused) cpu_ns=\(time) last=\(id - 1)")
    }

    /// Enough of a description to notice one that is mixed of two.
    private func metadata(_ id: UInt64) -> ImageMetadata {
        var metadata = ImageMetadata(id: id)
        metadata.pulseID = id &* 3
        metadata.detectorTimestamp = id &* 7
        metadata.annotations = [Annotation("id", .integer(Int64(id)))]
        return metadata
    }

    /// Looked at now and then: a system call an image would slow a hostile writer down.
    private func isOver(_ turn: Int) -> Bool {
        guard turn % 16 == 0 else { return false }
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) > 0
    }
}
