import DAQBuffer
import DAQCore
import Testing

/// Images that nobody holds any more can be had until their slot is filled again.
@Suite struct ImageHistoryTests {
    private let ring: ImageRing

    init() throws {
        ring = try ImageRing(format: ImageFormat(width: 16, height: 4, pixelType: .uint16), slots: 4)
    }

    @discardableResult private func publish(_ id: UInt64, segment: UInt32 = 0) throws -> Image {
        let slot = try #require(ring.claim(for: id))
        ring.bytes(of: slot).initializeMemory(as: UInt8.self, repeating: UInt8(id))
        var metadata = ImageMetadata(id: id)
        metadata.segment = segment
        return ring.publish(slot, metadata)
    }

    private func pixel(_ image: Image) -> UInt8 { image.withBytes { $0.unsafeLoad(fromByteOffset: 7, as: UInt8.self) } }

    @Test func theNewestImagesAreThereInTheirOrder() throws {
        #expect(ring.history.isEmpty)
        for id in 1...6 as ClosedRange<UInt64> { try publish(id) }
        #expect(ring.history.map(\.key) == (3...6).map { ImageKey(id: $0) })
        #expect(ring.history.map(\.publication) == [3, 4, 5, 6])
        #expect(ring.image(ImageKey(id: 2)) == nil)
        #expect(ring.image(ImageKey(segment: 1, id: 4)) == nil)
        let image = try #require(ring.image(ImageKey(id: 4)))
        #expect(image.metadata.id == 4 && pixel(image) == 4)
    }

    @Test func anImageThatWasTakenAgainIsNotOverwrittenAndItsSlotComesBack() throws {
        for id in 1...4 as ClosedRange<UInt64> { try publish(id) }
        var taken = ring.image(ImageKey(id: 1))
        var again = ring.image(ImageKey(id: 1))
        #expect(ring.freeCount == 3)
        for id in 5...40 as ClosedRange<UInt64> { try publish(id) }
        #expect(try pixel(#require(taken)) == 1)
        taken = nil
        for id in 41...44 as ClosedRange<UInt64> { try publish(id) }
        #expect(try pixel(#require(again)) == 1, "the second hold counts by itself")
        again = nil
        #expect(ring.freeCount == 4)
        for id in 45...50 as ClosedRange<UInt64> { try publish(id) }
        #expect(ring.history.map(\.key.id) == [47, 48, 49, 50], "its slot is used again like the others")
    }

    @Test func anImageThatIsHeldAnywayIsHeldOnceMore() throws {
        var first: Image? = try publish(1)
        let second = try #require(ring.image(ImageKey(id: 1)))
        first = nil
        _ = first
        for id in 2...9 as ClosedRange<UInt64> { try publish(id) }
        #expect(pixel(second) == 1)
    }

    @Test func theSameIDInTwoSegmentsIsTwoImages() throws {
        try publish(7)
        try publish(7, segment: 1)
        #expect(ring.image(ImageKey(id: 7))?.metadata.segment == 0)
        #expect(ring.image(ImageKey(segment: 1, id: 7))?.metadata.segment == 1)
        #expect(ring.freeCount == 4)
    }

    @Test(arguments: 0..<30) func slotsAreNeitherLostNorSharedWhateverIsHeld(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var held: [Image] = []
        var next: UInt64 = 1
        for _ in 0..<400 {
            switch random(4) {
            case 0:
                if ring.freeCount > 0 {
                    held.append(try publish(next % 200))
                    next += 1
                }
            case 1:
                if ring.freeCount > 0 {
                    try publish(next % 200)
                    next += 1
                }
            case 2:
                if let key = ring.history.map(\.key).dropFirst(random(4)).first, let image = ring.image(key) {
                    held.append(image)
                }
            default: if !held.isEmpty { held.remove(at: random(held.count)) }
            }
            for image in held { #expect(pixel(image) == UInt8(image.metadata.id), "seed \(seed): an image was overwritten") }
        }
        held = []
        #expect(ring.freeCount == 4, "seed \(seed): slots are lost")
        for id in 201...208 as ClosedRange<UInt64> { try publish(id) }
        #expect(ring.history.map(\.key.id) == [205, 206, 207, 208], "seed \(seed)")
    }
}
