import Testing

@testable import DAQCore

@Suite("Image assembler")
struct ImageAssemblerTests {
    @Test("Strip sensors show missing and masked pixels as such, also where values are halved", arguments: [nil, 12.4])
    func strips(factor: Double?) throws {
        var configuration = DetectorConfiguration(
            name: "strip", type: .jungfrauConverted, moduleCount: 1, bitDepth: 16, imageWidth: 3090, imageHeight: 84,
            startUDPPort: 50_000, modulePositions: [:])
        configuration.geometry = PublishedGeometry(name: "JF05T01")
        configuration.calibration.factor = factor
        configuration.missingValue = .number(-7)
        configuration.calibration.maskedValue = .number(-9)
        configuration.gapValue = .number(-11)
        let calibration = DoublePixelSharingTests.calibration(bad: [255, 256])
        var random = SeededNumbers(seed: 4)
        let slot = try AssemblySlot(configuration, calibration)
        let raw = [UInt16](repeating: 124, count: 512 * 1024)
        // Packet 3 holds rows 12 to 15: they fill rows 4 and 5 of the image.
        raw.withUnsafeBytes { slot.assemble($0, missing: [0: PacketSet(3..<4)], random: &random) }
        let image: [Double] =
            factor == nil ? slot.pixels(as: Float.self).map { Double($0) } : slot.pixels(as: Int32.self).map { Double($0) }
        let full = factor == nil ? 124.0 : 10
        func value(_ column: Int, _ row: Int) -> Double { image[row * 3090 + column] }
        #expect(value(0, 0) == full)
        #expect(value(0, 4) == -7)
        #expect(value(2, 5) == full)
        // Columns 255 and 256 lie beside the first gap, each spread over two pixels a row.
        #expect(value(765, 0) == -9)
        #expect(value(776, 1) == -9)
        #expect(value(766, 0) == full / 2)
        #expect(value(765, 4) == -7)
        #expect(value(771, 8) == full / 2)
        #expect(Set(image) == [full, full / 2, -7, -9])
    }

    @Test("Several threads may fill one slot")
    func threads() async throws {
        let data = ReferenceData(modules: 1)
        var configuration = data.stacked()
        configuration.udpInterfaces = 2
        let assembler = try ImageAssembler(configuration, calibration: data.calibration())
        let slot = SharedBytes(count: assembler.slotBytes)
        assembler.prepare(slot.bytes)
        await withTaskGroup { group in
            for stream in configuration.placedStreams {
                let packets = configuration.packetFormat(of: stream).packets
                group.addTask {
                    for packet in packets {
                        data.raw.withUnsafeBytes { raw in
                            let first = stream.part * 524_288 + packet * 8192
                            let payload = UnsafeRawBufferPointer(rebasing: raw[first..<first + 8192])
                            assembler.place(stream: stream.number, packet: packet, payload: payload, into: slot.bytes)
                        }
                    }
                }
            }
        }
        assembler.finish(slot.bytes, missing: [])

        let alone = try AssemblySlot(configuration, data.calibration())
        var random = SeededNumbers(seed: 2)
        data.raw.withUnsafeBytes { alone.assemble($0, random: &random) }
        #expect(alone.pixels(as: UInt32.self) == Array(slot.bytes.bindMemory(to: UInt32.self)))
    }

    @Test("A raw image is as it was sent, whatever is said about correction")
    func rawWithMask() throws {
        var configuration = DoublePixelSharingTests.module { $0.type = .jungfrauRaw }
        // No raw pixel can have this value, and none is asked to.
        configuration.calibration.maskedValue = .number(-1.5)
        #expect(configuration.validate().isEmpty)
        let slot = try AssemblySlot(
            configuration, Calibration(pedestals: [], gains: [], mask: DoublePixelSharingTests.calibration(bad: [5]).mask))
        var random = SeededNumbers(seed: 4)
        let raw = [UInt16](repeating: 0x8123, count: 512 * 1024)
        raw.withUnsafeBytes { slot.assemble($0, random: &random) }
        let image = slot.pixels(as: UInt16.self)
        #expect(image[4...6].allSatisfy { $0 == 0x8123 })
        #expect(image[256] == 0)
    }

    @Test(
        "A pixel whose gain or pedestal is no usable number is masked",
        arguments: [Float.nan, 0, .infinity, .leastNonzeroMagnitude])
    func unusableGain(gain: Float) throws {
        var calibration = DoublePixelSharingTests.calibration()
        calibration.gains[1][7] = gain
        let configuration = DoublePixelSharingTests.module { $0.calibration.doublePixels = .keep }
        var random = SeededNumbers(seed: 4)
        let slot = try AssemblySlot(configuration, calibration)
        let raw = [UInt16](repeating: 50, count: 512 * 1024)
        raw.withUnsafeBytes { slot.assemble($0, random: &random) }
        let image = slot.pixels(as: Float.self)
        #expect(image[7].isNaN && image[6] == 50 && image[8] == 50)
        let mask = try PixelMask(configuration, calibration: calibration)
        #expect(mask.goodPixels()[6...8] == [1, 0, 1])
        #expect(mask.reasons()[7] & PixelMask.unusableCalibration != 0)
    }
}

/// Memory that several tasks write to.
// Sendable: the tasks write different pixels, and nobody reads before they have ended.
private final class SharedBytes: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 4096) }
    deinit { bytes.deallocate() }
}
