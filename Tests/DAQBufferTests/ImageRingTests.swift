import DAQBuffer
import DAQCore
import Dispatch
import Synchronization
import Testing

@Suite struct ImageRingTests {
    private func ring(slots: Int, width: Int = 16, height: Int = 4) throws -> ImageRing {
        try ImageRing(format: ImageFormat(width: width, height: height, pixelType: .uint16), slots: slots)
    }

    @Test func slotsAreUsedInTurnAndTheOldestFreeOneFirst() throws {
        let ring = try ring(slots: 3)
        #expect(ring.claim(for: 0) == 0)
        #expect(ring.claim(for: 0) == 1)
        ring.abandon(1)
        ring.abandon(0)
        #expect(ring.claim(for: 0) == 2, "it has been free for the longest time")
        #expect(ring.claim(for: 0) == 1)
        #expect(ring.claim(for: 0) == 0)
        #expect(ring.claim(for: 0) == nil, "every slot is being filled")
        #expect(ring.freeCount == 0)
    }

    @Test func aPublishedSlotIsFreeWhenTheLastCopyIsGone() throws {
        let ring = try ring(slots: 1)
        let slot = try #require(ring.claim(for: 0))
        var images = [ring.publish(slot, ImageMetadata(id: 1))]
        images.append(images[0])
        #expect(ring.claim(for: 0) == nil)
        images.removeLast()
        #expect(ring.claim(for: 0) == nil, "a copy still holds it")
        images.removeLast()
        #expect(ring.claim(for: 0) == slot)
    }

    @Test func imagesOutliveTheRing() throws {
        var ring: ImageRing? = try ring(slots: 2)
        let slot = try #require(ring?.claim(for: 0))
        ring?.bytes(of: slot).initializeMemory(as: UInt8.self, repeating: 7)
        let image = try #require(ring?.publish(slot, ImageMetadata(id: 1)))
        ring = nil
        #expect(image.withPixels(as: UInt16.self) { pixels in pixels.indices.allSatisfy { pixels[$0] == 0x0707 } })
    }

    @Test func slotsBeginOnPagesAndDoNotOverlap() throws {
        let ring = try ImageRing(
            format: ImageFormat(width: 100, height: 50, pixelType: .uint8), slotBytes: 5001, slots: 4)
        for slot in 0..<4 {
            let bytes = ring.bytes(of: slot)
            #expect(bytes.count == 5001)
            #expect(Int(bitPattern: bytes.baseAddress) % 4096 == 0)
            bytes.initializeMemory(as: UInt8.self, repeating: UInt8(slot))
        }
        for slot in 0..<4 { #expect(ring.bytes(of: slot).allSatisfy { $0 == UInt8(slot) }) }
    }

    @Test func sizesThatCannotBeAreErrors() {
        let format = ImageFormat(width: 16, height: 4, pixelType: .uint16)
        #expect(throws: RingError.size(slots: 0, slotBytes: 128, imageBytes: 128)) { try ImageRing(format: format, slots: 0) }
        #expect(throws: RingError.size(slots: 2, slotBytes: 127, imageBytes: 128)) {
            try ImageRing(format: format, slotBytes: 127, slots: 2)
        }
        #expect(throws: RingError.size(slots: .max / 2, slotBytes: 128, imageBytes: 128)) {
            try ImageRing(format: format, slots: .max / 2)
        }
    }

    @Test func aBudgetTooSmallToWorkSaysHowMuchIsNeeded() throws {
        var detector = DetectorConfiguration(
            name: "jf", type: .jungfrauRaw, moduleCount: 1, bitDepth: 16, imageWidth: 1024, imageHeight: 512, startUDPPort: 50000,
            modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 511)])
        detector.ring.budgetBytes = 7 << 20
        #expect(throws: RingError.tooSmall(slots: 7, least: 8, bytes: 8 << 20)) { try ImageRing(for: detector) }
        detector.ring.budgetBytes = 8 << 20
        #expect(try ImageRing(for: detector).slotCount == 8)
    }

    /// Writers claim, fill and publish or abandon; readers hold images for a while and look at them: no slot is ever shared,
    /// none is lost.
    @Test func manyThreadsShareARing() throws {
        let ring = try ring(slots: 8)
        let published = Mutex<[Image]>([])
        let torn = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            var state = UInt64(worker) &+ 1
            for turn in 0..<3000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                if worker % 2 == 0 {
                    guard let slot = ring.claim(for: 0) else { continue }
                    let mark = UInt16(truncatingIfNeeded: state >> 40)
                    ring.bytes(of: slot).withMemoryRebound(to: UInt16.self) { $0.update(repeating: mark) }
                    guard turn % 5 != 0 else {
                        ring.abandon(slot)
                        continue
                    }
                    let image = ring.publish(slot, ImageMetadata(id: UInt64(mark)))
                    published.withLock { $0.append(image) }
                } else {
                    let image = published.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                    guard let image else { continue }
                    let isWhole = image.withPixels(as: UInt16.self) { pixels in
                        pixels.indices.allSatisfy { UInt64(pixels[$0]) == image.metadata.id }
                    }
                    if !isWhole { torn.add(1, ordering: .relaxed) }
                }
            }
        }
        #expect(torn.load(ordering: .relaxed) == 0)
        published.withLock { $0 = [] }
        #expect(ring.freeCount == 8)
        #expect(Set((0..<8).compactMap { _ in ring.claim(for: 0) }).count == 8)
    }
}
