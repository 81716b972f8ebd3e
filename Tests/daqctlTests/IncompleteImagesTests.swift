import DAQCore
import Testing

@testable import daqctl

/// What the summary says about images that lack packets.
struct IncompleteImagesTests {
    private func image(_ id: UInt64, missing: [Int: [Int]]) -> Image {
        var metadata = ImageMetadata(id: id)
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
        #expect(stage.entries.first?.text == "image 2 lacks packets of stream 0: 3, 10-12; of stream 4: 5")
        #expect(
            stage.entries.first?.json.line
                == #"{"segment":0,"id":2,"missing":[{"stream":0,"first":3,"last":3},{"stream":0,"first":10,"last":12},"#
                + #"{"stream":4,"first":5,"last":5}]}"# + "\n")
    }

    @Test func theListEnds() {
        let stage = IncompleteImages()
        for id in 0..<UInt64(1000) { _ = stage.process(image(id, missing: [0: Array(stride(from: 0, to: 512, by: 2))])) }
        let runs = stage.entries.reduce(0) { $0 + $1.runs.count }
        #expect((IncompleteImages.runLimit..<IncompleteImages.runLimit + 512).contains(runs))
    }
}
