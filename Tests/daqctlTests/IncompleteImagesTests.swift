import DAQCore
import Glibc
import Testing

@testable import daqctl

/// What the summary says about images that lack packets.
struct IncompleteImagesTests {
    private func image(_ id: UInt64, missing: [Int: [Int]], receivedAt: UInt64 = 0) -> Image {
        var metadata = ImageMetadata(id: id)
        metadata.receivedAt = receivedAt
        for (port, numbers) in missing.sorted(by: { $0.key < $1.key }) {
            var packets = PacketSet()
            for number in numbers { packets.insert(number) }
            metadata.missing.append(MissingPackets(port: port, packets: packets))
        }
        metadata.status = missing.isEmpty ? .good : .missingPackets
        let lease = ImageLease(bytes: UnsafeRawBufferPointer(start: nil, count: 0)) {}
        return Image(metadata: metadata, format: ImageFormat(width: 0, height: 0, pixelType: .uint16), lease: lease)
    }

    @Test func onlyIncompleteImagesAreListedWithRunsOfPackets() {
        let stage = IncompleteImages()
        #expect(stage.process(image(1, missing: [:])) == .keep())
        #expect(stage.process(image(2, missing: [0: [3, 10, 11, 12], 4: [5]])) == .keep())
        #expect(stage.entries.count == 1)
        #expect(stage.lines(limit: 20) == ["image 2 lacks packets of stream 0: 3, 10-12; of stream 4: 5"])
        #expect(
            stage.entries.first?.json.line
                == #"{"segment":0,"id":2,"missing":[{"stream":0,"first":3,"last":3},{"stream":0,"first":10,"last":12},"#
                + #"{"stream":4,"first":5,"last":5}]}"# + "\n")
    }

    /// JUNGFRAU of two modules: streams 0 and 1 with 128 packets each.
    private let detector = DetectorConfiguration(
        name: "jf", type: .jungfrauRaw, moduleCount: 2, bitDepth: 16, imageWidth: 1024, imageHeight: 1024, startUDPPort: 50_320,
        modulePositions: [
            0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 511),
            1: ModulePosition(xStart: 0, yStart: 512, xEnd: 1023, yEnd: 1023),
        ])

    @Test func aDeadModuleIsNamedWithItsPortAndEqualLinesBecomeOne() {
        let stage = IncompleteImages(of: detector)
        for id in 1...20 { _ = stage.process(image(UInt64(id), missing: [1: Array(0..<128)])) }
        #expect(
            stage.silenceLines == ["stream 1 (UDP port 50321): not a single usable packet; is that module on, and its cable in?"])
        #expect(stage.lines(limit: 20) == ["images 1 to 20 lack packets of stream 1 (UDP port 50321): 0-127"])
        // A whole image between them, and then others: the ids are not all there.
        _ = stage.process(image(21, missing: [:]))
        _ = stage.process(image(22, missing: [1: Array(0..<128)]))
        _ = stage.process(image(23, missing: [0: [5]]))
        #expect(stage.silenceLines.isEmpty)
        #expect(
            stage.lines(limit: 1) == [
                "21 images between 1 and 22 lack packets of stream 1 (UDP port 50321): 0-127",
                "(and more incomplete images; the file or --json lists them)",
            ])
    }

    @Test func anImageThatWasStillComingAtTheEndIsCutOffAndNoOtherIs() {
        func cutOff(_ images: [(missing: [Int: [Int]], age: UInt64)], stopped: Bool = true) -> Int {
            var detector = detector
            detector.syncTimeout = 1_000_000_000
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
            let stage = IncompleteImages(of: detector)
            for (id, entry) in images.enumerated() {
                _ = stage.process(image(UInt64(id), missing: entry.missing, receivedAt: now - entry.age))
            }
            if stopped { stage.noteStop() }
            return stage.cutOff
        }
        let tail: [Int: [Int]] = [0: Array(100..<128), 1: Array(90..<128)]
        #expect(cutOff([([:], 9), (tail, 5)]) == 1)
        #expect(cutOff([([:], 9), (tail, 5)], stopped: false) == 0, "the run ended by itself")
        #expect(cutOff([([:], 9), (tail, 5_000_000_000)]) == 0, "it would have been given up")
        #expect(cutOff([(tail, 9), ([:], 5)]) == 0, "a whole image came after it")
        #expect(cutOff([([:], 9), ([0: [5], 1: Array(90..<128)], 5)]) == 0, "a packet in the middle was lost")
        // One stream is behind the other.
        #expect(cutOff([([1: Array(90..<128)], 9), ([0: Array(50..<128), 1: Array(0..<128)], 5)]) == 2)
        #expect(cutOff([([0: Array(90..<128)], 9), ([0: Array(50..<128), 1: Array(0..<128)], 5)]) == 1)
    }

    @Test func theListEnds() {
        let stage = IncompleteImages()
        for id in 0..<UInt64(1000) { _ = stage.process(image(id, missing: [0: Array(stride(from: 0, to: 512, by: 2))])) }
        let runs = stage.entries.reduce(0) { $0 + $1.runs.count }
        #expect((IncompleteImages.runLimit..<IncompleteImages.runLimit + 512).contains(runs))
    }
}
