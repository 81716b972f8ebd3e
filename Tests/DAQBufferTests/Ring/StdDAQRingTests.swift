import DAQBuffer
import DAQCore
import Foundation
import Testing

/// The layout of the std-daq services.
@Suite struct StdDAQRingTests {
    private func ring(_ name: RingName) throws -> ImageRing {
        var detector = DetectorConfiguration(
            name: name.text, type: .jungfrauRaw, moduleCount: 1, bitDepth: 16, imageWidth: 1024, imageHeight: 8,
            startUDPPort: 50000, modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 7)])
        detector.readRows = 8
        detector.ring.layout = .stdDAQ
        return try ImageRing(creating: name.text, for: detector)
    }

    @Test func slotsFollowFromTheIDsAndServicesFindThePixels() throws {
        let name = RingName()
        let ring = try ring(name)
        #expect(ring.slotCount == 1000)
        #expect(name.objects.contains("\(name.text)-image"))
        let bytes = ring.format.bytes
        let size = try FileManager.default.attributesOfItem(atPath: "/dev/shm/\(name.text)-image")[.size] as? Int
        #expect(size == (1000 * bytes + 2_097_151) / 2_097_152 * 2_097_152)
        #expect(ring.claim(for: 123_456) == 456)
        ring.bytes(of: 456).withMemoryRebound(to: UInt16.self) { $0.update(repeating: 7) }
        let image = ring.publish(456, ImageMetadata(id: 123_456))
        #expect(ring.claim(for: 1456) == nil && ring.refusal == .slotLeased, "a sink holds it")
        let foreign = try StdDAQPixels(detector: name.text, format: ring.format)
        var copied = [UInt16](repeating: 0, count: ring.format.pixels)
        #expect(copied.withUnsafeMutableBytes { foreign.copy(123_456, into: $0) })
        #expect(foreign.slotCount == 1000 && copied.allSatisfy { $0 == 7 })
        // A reader of ours knows more.
        let reader = try ImageRingReader(attachingTo: name.text)
        #expect(reader.layout == .stdDAQ && reader.entry(id: 123_456)?.slot == 456)
        withExtendedLifetime(image) {}
    }

    @Test func theMaskOfTheProcessKeepsOthersFromWritingThePixels() throws {
        let name = RingName()
        let mask = umask(0o022)
        defer { umask(mask) }
        let ring = try ring(name)
        let mode = try FileManager.default.attributesOfItem(atPath: "/dev/shm/\(name.text)-image")[.posixPermissions] as? Int
        #expect(mode == 0o755)
        withExtendedLifetime(ring) {}
    }

    @Test func anObjectOfAnotherSizeIsRefusedAndLeftAlone() throws {
        let name = RingName()
        let path = "/dev/shm/\(name.text)-image"
        _ = FileManager.default.createFile(atPath: path, contents: Data(count: 4096))
        let error = #expect(throws: RingError.self) { try self.ring(name) }
        #expect("\(try #require(error))".contains("4096 bytes"))
        #expect(name.objects == ["\(name.text)-image"])
    }

    @Test func whatPeersDoToThePixelsIsNoticed() throws {
        let name = RingName()
        let ring = try ring(name)
        #expect(ring.damage == nil)
        shm_unlink("/\(name.text)-image")
        #expect(ring.damage == .unlinked(object: "\(name.text)-image"))
        #expect(ring.claim(for: 1) == nil, "nobody would find the images")

        let other = RingName()
        let second = try self.ring(other)
        let size = 1000 * second.format.bytes
        truncate("/dev/shm/\(other.text)-image", 4096)
        guard case .truncated(_, 4096, let expected) = second.damage else {
            Issue.record("\(String(describing: second.damage))")
            return
        }
        #expect(expected >= size && second.claim(for: 1) == nil)
    }
}
