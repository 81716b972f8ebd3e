import CDAQTestSupport
import DAQBuffer
import DAQCore
import Glibc

/// Fills a ring with images whose every word is the image's id.
struct Writing {
    let options: StormOptions

    /// Writes until standard input ends, so that nobody who dies leaves a writer behind.
    func run() throws {
        let began = Clock.monotonic()
        let words = options("bytes", 262_144) / 4
        let ring = try ring(ImageFormat(width: words, height: 1, pixelType: .uint32))
        let owned = Clock.monotonic()
        let limit = options("images", .max)
        let pause = UInt32(options("pause", 0))
        var id = UInt64(options("first", 1))
        // Leaves out a number of ids, as a detector does that goes on while nobody receives.
        if let gap = options["gap"], let last = ring.takeover?.lastID { id = last + 1 + UInt64(gap) }
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
                if published == 1, options["hold"] != nil {
                    print("first=\(id) began=\(began) owned=\(owned) published=\(Clock.monotonic())")
                    waitForWord()
                }
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

    /// The ring; with the option `standby`, as soon as the owner that it has now is gone.
    private func ring(_ format: ImageFormat) throws -> ImageRing {
        var hasSaidSo = false
        while true {
            do {
                return try ImageRing(creating: options.ring, format: format, slots: options("slots", 8))
            } catch RingError.owned where options["standby"] != nil {
                if !hasSaidSo { print("waiting") }
                hasSaidSo = true
                // Whoever has started this process and is gone has closed the pipe.
                if isOver(0) { exit(1) }
                usleep(1000)
            }
        }
    }

    /// Rests until a byte comes by standard input, or its end.
    private func waitForWord() {
        var byte: UInt8 = 0
        _ = Glibc.read(STDIN_FILENO, &byte, 1)
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
