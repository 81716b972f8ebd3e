import Testing

@testable import DAQCore

@Suite("Charge of double pixels")
struct DoublePixelSharingTests {
    static func module(_ change: (inout DetectorConfiguration) -> Void = { _ in }) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "one", type: .jungfrauConverted, moduleCount: 1, bitDepth: 16, imageWidth: 1030, imageHeight: 514,
            startUDPPort: 50_000, modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1029, yEnd: 513)])
        configuration.calibration.doublePixels = .interpolate
        change(&configuration)
        return configuration
    }

    /// Pedestal 0 and gain 1: values are the raw words.
    static func calibration(bad: [Int] = []) -> Calibration {
        let zeros = [Float](repeating: 0, count: 512 * 1024)
        let ones = [Float](repeating: 1, count: 512 * 1024)
        var mask = [Int64](repeating: 0, count: 512 * 1024)
        for pixel in bad { mask[pixel] = 1 }
        return Calibration(pedestals: [zeros, zeros, zeros], gains: [ones, ones, ones], mask: mask)
    }

    private func image(
        _ configuration: DetectorConfiguration, _ calibration: Calibration, missing: [Int: PacketSet] = [:]
    ) throws -> [Float] {
        var raw = [UInt16](repeating: 0, count: 512 * 1024)
        for pixel in raw.indices { raw[pixel] = UInt16(100 + pixel % 89) }
        var random = SeededNumbers(seed: 3)
        let slot = try AssemblySlot(configuration, calibration)
        raw.withUnsafeBytes { slot.assemble($0, missing: missing, random: &random) }
        return slot.pixels(as: Float.self)
    }

    @Test("The charge of an image stays the same, whichever way the module lies")
    func chargeIsKept() throws {
        let plain = try image(Self.module { $0.calibration.doublePixels = .keep }, Self.calibration())
        let upright = try image(Self.module(), Self.calibration())
        let charge = plain.reduce(0) { $0 + Double($1) }
        #expect((upright.reduce(0) { $0 + Double($1) } - charge).magnitude < 1)
        #expect(!upright.contains(0))
        let turned = try image(
            Self.module {
                ($0.imageWidth, $0.imageHeight) = (514, 1030)
                $0.modulePositions[0] = ModulePosition(xStart: 513, yStart: 0, xEnd: 0, yEnd: 1029, rotation: 1)
            }, Self.calibration())
        // A quarter turn and a mirrored column order: row y, column x went to row 1029 − x, column 513 − y.
        var differences = 0
        for y in 0..<514 {
            for x in 0..<1030 where turned[(1029 - x) * 514 + 513 - y] != upright[y * 1030 + x] { differences += 1 }
        }
        #expect(differences == 0)
    }

    @Test("A missing or masked neighbour leaves two halves", arguments: [PixelValue.extreme, .number(-1)])
    func emptyNeighbour(empty: PixelValue) throws {
        // Column 254 of row 10 is masked, and rows 252 to 255 (packet 63) are missing.
        let configuration = Self.module {
            $0.missingValue = empty
            $0.calibration.maskedValue = empty
        }
        let shared = try image(configuration, Self.calibration(bad: [10 * 1024 + 254]), missing: [0: PacketSet(63..<64)])
        let emptyBits = try #require(empty.bits(as: .float32))
        func value(_ column: Int, _ row: Int) -> Float { shared[row * 1030 + column] }

        let wide = Float(100 + (10 * 1024 + 255) % 89)
        #expect(value(254, 10).bitPattern == emptyBits)
        #expect(value(255, 10) == wide / 2)
        #expect(value(256, 10) == wide / 2)
        // Nothing is known about the missing half of the gap; the other half has one known neighbour only.
        for row in 252...256 { #expect(value(100, row).bitPattern == emptyBits, "row \(row)") }
        let across = Float(100 + (256 * 1024 + 100) % 89)
        #expect(value(100, 257) == across / 2)
        #expect(value(100, 258) == across / 2)
        for (column, row) in [(255, 255), (256, 255), (255, 256), (256, 256)] {
            #expect(value(column, row).bitPattern == emptyBits)
        }
        #expect(value(256, 257) == Float(100 + (256 * 1024 + 255) % 89) / 4)
    }

    @Test("Masked pixels of 0 count as zero signal, as in jungfrau_utils")
    func zeroNeighbour() throws {
        let configuration = Self.module { $0.calibration.maskedValue = .number(0) }
        let shared = try image(configuration, Self.calibration(bad: [10 * 1024 + 254]))
        let wide = Float(100 + (10 * 1024 + 255) % 89)
        // With v1 = 0 the share is v3 / (3 · v3): a third.
        #expect((shared[10 * 1030 + 255] - wide / 3).magnitude < 1e-4)
    }
}
