import CDAQTestSupport
import DAQCore

/// The generated detector data whose results are known (masked pixels 0, gain code 10 as third stage).
struct ReferenceData {
    let modules: Int
    let raw: [UInt16]
    private let pedestals: [[Float]]
    private let gains: [[Float]]
    private let mask: [Int64]

    init(modules: Int) {
        self.modules = modules
        let count = modules * 512 * 1024
        raw = Self.filled(count) { cdaq_test_raw($0, count) }
        pedestals = (0..<4).map { plane in Self.filled(count) { cdaq_test_pedestal($0, count, plane) } }
        gains = (0..<6).map { plane in Self.filled(count) { cdaq_test_gain($0, count, plane) } }
        mask = Self.filled(count) { cdaq_test_mask($0, count) }
    }

    func calibration(pedestals: Int = 3, gains: Int = 4, masked: Bool = true) -> Calibration {
        Calibration(
            pedestals: Array(self.pedestals[..<pedestals]), gains: Array(self.gains[..<gains]), mask: masked ? mask : nil)
    }

    static func filled<Value: BitwiseCopyable>(
        _ count: Int, _ fill: (UnsafeMutablePointer<Value>?) -> Void
    ) -> [Value] {
        Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(buffer.baseAddress)
            initialized = count
        }
    }

    /// A stack of modules without gaps.
    func stacked() -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in 0..<modules {
            positions[module] = ModulePosition(xStart: 0, yStart: 512 * module, xEnd: 1023, yEnd: 512 * module + 511)
        }
        return configuration(width: 1024, height: 512 * modules, positions)
    }

    /// A published layout.
    func published(_ layout: PublishedGeometry, gapPixels: Bool = true) -> DetectorConfiguration {
        let size = layout.size(gapPixels: gapPixels)
        var configuration = configuration(width: size.width, height: size.height, [:])
        configuration.geometry = layout
        configuration.gapPixels = gapPixels
        return configuration
    }

    private func configuration(width: Int, height: Int, _ positions: [Int: ModulePosition]) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "reference", type: .jungfrauConverted, moduleCount: modules, bitDepth: 16, imageWidth: width,
            imageHeight: height, startUDPPort: 50_000, modulePositions: positions)
        configuration.calibration.invalidGain = .thirdStage
        configuration.calibration.maskedValue = .number(0)
        return configuration
    }
}

/// First half of the SHA-256 of an array's bytes, as text.
func digest<Value: BitwiseCopyable>(_ values: [Value]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    values.withUnsafeBytes { cdaq_test_sha256($0.baseAddress, $0.count, &digest) }
    return digest[..<16].map { byte in
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }.joined()
}
