import Testing

@testable import DAQCore

@Suite("Geometries and calibrations that do not fit are refused")
struct GeometryErrorTests {
    static func twoModules() -> DetectorConfiguration {
        DetectorConfiguration(
            name: "two", type: .jungfrauRaw, moduleCount: 2, bitDepth: 16, imageWidth: 1030, imageHeight: 1064,
            startUDPPort: 50_000,
            modulePositions: [
                0: ModulePosition(xStart: 0, yStart: 0, xEnd: 1029, yEnd: 513),
                1: ModulePosition(xStart: 0, yStart: 1063, xEnd: 1029, yEnd: 550),
            ])
    }

    private func message(_ change: (inout DetectorConfiguration) -> Void, _ calibration: Calibration? = nil) -> String? {
        var configuration = Self.twoModules()
        change(&configuration)
        do {
            _ = try ImageAssembler(configuration, calibration: calibration)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("Positions of the wrong size, outside, or over each other")
    func positions() {
        #expect(message { _ in } == nil)
        #expect(
            message { $0.modulePositions[0]?.xEnd = 1028 }?.contains(
                "1029 × 514 pixels; this detector allows 1024 × 512, 1030 × 514") == true)
        #expect(message { $0.modulePositions[0]?.rotation = 1 }?.contains("before rotation") == true)
        #expect(message { $0.imageHeight = 1063 }?.contains("module_positions.1 [0, 1063, 1029, 550] reaches out") == true)
        #expect(
            message {
                $0.modulePositions[0]?.yStart = -1; $0.modulePositions[0]?.yEnd = 512
            }?.contains("reaches out") == true)
        #expect(
            message {
                $0.modulePositions[1]?.yStart = 1023
                $0.modulePositions[1]?.yEnd = 510
            }?.contains("modules 0 and 1 cover the same pixels") == true)
    }

    @Test("Published layouts of another detector")
    func layouts() {
        #expect(message { $0.geometry = PublishedGeometry(name: "JF06T08") }?.contains("has 8 modules; n_modules is 2") == true)
        #expect(
            message {
                $0.geometry = PublishedGeometry(name: "JF06T08")
                $0.moduleCount = 8
            }?.contains("makes images of 2232 × 2136 pixels") == true)
        #expect(
            message {
                $0.type = .eiger; $0.geometry = PublishedGeometry(name: "JF06T08")
            }?.contains("is a JUNGFRAU layout") == true)
    }

    @Test("Calibrations that are absent, of another size, or not for this detector")
    func calibrations() {
        let plane = [Float](repeating: 1, count: 2 * 512 * 1024)
        let good = Calibration(pedestals: [plane, plane, plane], gains: [plane, plane, plane], mask: nil)
        func corrected(
            _ calibration: Calibration?, _ change: (inout DetectorConfiguration) -> Void = { _ in }
        ) -> String? {
            message(
                {
                    $0.type = .jungfrauConverted
                    change(&$0)
                }, calibration)
        }
        #expect(corrected(good) == nil)
        #expect(corrected(nil)?.contains("need a calibration") == true)
        #expect(
            corrected(Calibration(pedestals: [plane], gains: [plane], mask: nil))?.contains("1 pedestal planes instead of 3 or 4")
                == true)
        var short = good
        short.gains[2] = [1, 2, 3]
        #expect(corrected(short)?.contains("a gain plane has 3 values") == true)
        #expect(
            corrected(Calibration(pedestals: good.pedestals, gains: good.gains, mask: [0]))?.contains("a mask plane has 1 values")
                == true)
        #expect(corrected(good) { $0.calibration.highGain = true }?.contains("3 gain planes instead of 4 or 6") == true)
        #expect(corrected(good) { $0.calibration.factor = 0 }?.contains("above 0") == true)
        #expect(
            corrected(good) {
                $0.missingValue = .number(0.5); $0.calibration.factor = 1
            }?.contains("missing_value") == true)
        #expect(
            corrected(good) {
                $0.calibration.factor = 1; $0.calibration.doublePixels = .interpolate
            }?.contains("factor") == true)
        #expect(
            corrected(good) {
                $0.calibration.doublePixels = .interpolate
                $0.modulePositions[0] = ModulePosition(xStart: 0, yStart: 0, xEnd: 1023, yEnd: 511)
            }?.contains("1030 × 514") == true)
        #expect(
            message {
                $0.type = .moench; $0.modulePositions = [:]; $0.ring.content = .corrected
            }?.contains("moench pixels are counts") == true)
    }
}
