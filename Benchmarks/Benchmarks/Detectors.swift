import DAQCore

/// The detectors that are measured.
enum Detectors {
    /// A JUNGFRAU of `modules` modules above each other.
    static func jungfrau(modules: Int, type: DetectorType = .jungfrauRaw, port: Int) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in 0..<modules {
            positions[module] = ModulePosition(xStart: 0, yStart: module * 512, xEnd: 1023, yEnd: module * 512 + 511)
        }
        var configuration = DetectorConfiguration(
            name: "jungfrau", type: type, moduleCount: modules, bitDepth: 16, imageWidth: 1024, imageHeight: 512 * modules,
            startUDPPort: port, modulePositions: positions)
        configuration.bindAddress = "127.0.0.1"
        return configuration
    }

    /// An EIGER of `streams` streams above each other, 32 bit.
    static func eiger(streams: Int, port: Int) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for stream in 0..<streams {
            positions[stream] = ModulePosition(xStart: 0, yStart: stream * 256, xEnd: 513, yEnd: stream * 256 + 255)
        }
        var configuration = DetectorConfiguration(
            name: "eiger", type: .eiger, moduleCount: streams, bitDepth: 32, imageWidth: 514, imageHeight: 256 * streams,
            startUDPPort: port, modulePositions: positions)
        configuration.bindAddress = "127.0.0.1"
        return configuration
    }
}
