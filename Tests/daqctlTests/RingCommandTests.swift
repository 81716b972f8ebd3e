import DAQBuffer
import DAQCore
import Foundation
import Testing

@testable import daqctl

/// `daqctl ring`, with rings of this process.
@Suite struct RingCommandTests {
    private let name = "command-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString.prefix(8))"

    private func ring(images: Int) throws -> ImageRing {
        let ring = try ImageRing(
            creating: name, format: ImageFormat(width: 40, height: 20, pixelType: .uint16), slots: 4)
        for id in 0..<images {
            let slot = try #require(ring.claim(for: UInt64(id)))
            let pixels = ring.bytes(of: slot).bindMemory(to: UInt16.self)
            for index in pixels.indices { pixels[index] = UInt16(index % 40) }
            _ = ring.publish(slot, ImageMetadata(id: UInt64(id)))
        }
        return ring
    }

    @Test func listNamesRingsAndWhoFillsThem() throws {
        let ring = try ring(images: 3)
        let outcome = Outcome("ring", "list")
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("\(name): 40 x 20 uint16, 4 slots, 6.4 kB; newest id 2; filled by process"))
        withExtendedLifetime(ring) {}
    }

    @Test func showDrawsTheNewestImage() throws {
        let ring = try ring(images: 3)
        let outcome = Outcome("ring", "show", name)
        #expect(outcome.code == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.last == "image 2 of segment 0, pulse 0, complete")
        #expect(lines[0].first == " " && lines[0].last == "@", "from dark to bright: \(lines[0])")
        let file = NSTemporaryDirectory() + "\(name).png"
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(Outcome("ring", "show", name, "--png", file, "--image", "1").code == 0)
        #expect(FileManager.default.contents(atPath: file)?.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
        withExtendedLifetime(ring) {}
    }

    @Test func whatIsNotThereIsSaid() throws {
        let ring = try ring(images: 0)
        #expect(Outcome("ring", "show", name).error == "daqctl ring: there is no image in the ring yet\n")
        #expect(Outcome("ring", "show", name + "x").error.contains("there is no ring \"\(name)x\""))
        #expect(Outcome("ring", "remove", name).error.contains("is being filled by process"))
        #expect(Outcome("ring", "watch").code == 2)
        withExtendedLifetime(ring) {}
    }
}
