import DAQSimulator
import Testing

@testable import DAQCore

/// The configuration that pedestals are taken with, whatever the one for images says.
@Suite struct StackedConfigurationTests {
    @Test func whatIsOnlySaidOfCorrectedImagesKeepsNoPedestalFromBeingTaken() throws {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = SplitMix64(seed: seed)
            func pick<Value>(_ values: Value...) -> Value { values[Int(random.next() % UInt64(values.count))] }
            var configuration = DetectorConfiguration(
                name: "dark", type: .jungfrauConverted, moduleCount: 3, bitDepth: 16, imageWidth: 1030, imageHeight: 3 * 514,
                startUDPPort: 50_000, modulePositions: [:])
            for module in 0..<3 where pick(true, true, false) {
                configuration.modulePositions[module] = ModulePosition(
                    xStart: 0, yStart: 514 * module, xEnd: 1029, yEnd: 514 * module + 513)
            }
            if configuration.modulePositions.isEmpty {
                configuration.modulePositions[1] = ModulePosition(xStart: 0, yStart: 0, xEnd: 1029, yEnd: 513)
            }
            configuration.missingValue = pick(.extreme, .notANumber, .number(-1.5))
            configuration.gapValue = pick(.number(0), .notANumber, .number(0.25))
            configuration.calibration.maskedValue = pick(.extreme, .notANumber, .number(-2))
            configuration.calibration.doublePixels = pick(.keep, .mask, .interpolate)
            configuration.calibration.pedestal = pick(nil, "pedestal.h5")
            configuration.calibration.gain = "gain.h5"
            configuration.udpInterfaces = pick(1, 2)
            try #require(configuration.validate().isEmpty, "seed \(seed): \(configuration.validate())")

            let stacked = configuration.stackedRaw()
            #expect(stacked.validate().isEmpty, "seed \(seed): \(stacked.validate())")
            #expect(stacked.placedStreams == configuration.placedStreams, "seed \(seed)")
            #expect(stacked.imagePixelType == .uint16 && stacked.imageHeight == 3 * 512)
            _ = try ImageAssembler(stacked)
        }
    }
}
