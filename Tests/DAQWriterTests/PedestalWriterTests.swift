import DAQCore
import DAQWriter
import Testing

/// Which images of a dark run a pedestal is made of.
@Suite struct PedestalWriterTests {
    private func image(_ information: UInt32, differing: UInt32 = 0, isGood: Bool = true, module: Int) -> Image {
        var metadata = ImageMetadata(id: 1)
        (metadata.information, metadata.informationDifference) = (information, differing)
        metadata.status = isGood ? .good : .missingPackets
        let format = ImageFormat(width: 1024, height: 1024, pixelType: .uint16)
        var pixels = [UInt16](repeating: 0, count: format.pixels)
        let gain = UInt16(information >> 12 & 3)
        for pixel in module * 512 * 1024..<(module + 1) * 512 * 1024 { pixels[pixel] = gain << 14 | 2500 }
        return TestImages.image(metadata, format, pixels)
    }

    @Test("Images are counted by what was wrong with them, and a module without a position spoils none", arguments: [0, 1])
    func reasons(placed: Int) throws {
        let configuration = DetectorConfiguration(
            name: "two", type: .jungfrauRaw, moduleCount: 2, bitDepth: 16, imageWidth: 1024, imageHeight: 512,
            startUDPPort: 50_000, modulePositions: [placed: ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 511)]
        ).stackedRaw()
        let folder = try TemporaryDirectory()
        let writer = PedestalWriter(path: folder.file("dark.h5"))
        try writer.open(RunDescription(configuration: configuration, format: configuration.imageFormat))
        try writer.accept(image(0, module: placed))
        try writer.accept(image(1 << 12, module: placed))
        // Another storage cell says nothing about the gain.
        try writer.accept(image(3 << 12, differing: 0xF00, module: placed))
        try writer.accept(image(0, isGood: false, module: placed))
        for bit in [0, 12, 13] as [UInt32] { try writer.accept(image(0, differing: 1 << bit, module: placed)) }
        try writer.accept(image(2 << 12, module: placed))
        #expect(writer.counts.used == [1, 1, 1])
        #expect(writer.counts.skipped == [.incomplete: 1, .modulesDisagree: 3, .wrongGain: 1])
    }
}
