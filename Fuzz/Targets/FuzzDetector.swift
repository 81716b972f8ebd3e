import DAQBuffer
package import DAQCore

/// Small detectors that between them use every rule of the receive core.
package enum FuzzDetector: Int, CaseIterable, Sendable {
    case jungfrau, twoModules, middleModuleAbsent, twoInterfaces, grid, gridWithHole, eiger, moench

    /// The detector's configuration.
    package var configuration: DetectorConfiguration {
        switch self {
        case .jungfrau: Self.jungfrau([0], rows: 8)
        case .twoModules: Self.jungfrau([0, 1], rows: 16)
        case .middleModuleAbsent: Self.jungfrau([0, 2], rows: 8)
        case .twoInterfaces: Self.jungfrau([0, 1], rows: 16, interfaces: 2)
        case .grid: Self.jungfrau([0, 1], rows: 8, grid: ModuleGrid(rows: 2, columns: 1))
        case .gridWithHole: Self.jungfrau([0, 2], rows: 8, grid: ModuleGrid(rows: 3, columns: 1))
        case .eiger: Self.halfModule
        case .moench: Self.partialMoench
        }
    }

    private static func jungfrau(
        _ modules: [Int], rows: Int, interfaces: Int = 1, grid: ModuleGrid? = nil
    ) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in modules {
            positions[module] = ModulePosition(xStart: 0, yStart: module * rows, xEnd: 1023, yEnd: module * rows + rows - 1)
        }
        let count = (modules.max() ?? 0) + 1
        var configuration = DetectorConfiguration(
            name: "jf", type: .jungfrauRaw, moduleCount: count, bitDepth: 16, imageWidth: 1024, imageHeight: rows * count,
            startUDPPort: 50000, modulePositions: positions)
        configuration.readRows = rows
        configuration.udpInterfaces = interfaces
        configuration.moduleGrid = grid
        return configuration
    }

    /// One half module: two streams of 64 packets a frame.
    private static var halfModule: DetectorConfiguration {
        DetectorConfiguration(
            name: "eiger", type: .eiger, moduleCount: 2, bitDepth: 16, imageWidth: 1030, imageHeight: 256, startUDPPort: 50020,
            modulePositions: [
                0: ModulePosition(xStart: 0, yStart: 0, xEnd: 513, yEnd: 255),
                1: ModulePosition(xStart: 516, yStart: 255, xEnd: 1029, yEnd: 0),
            ])
    }

    private static var partialMoench: DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "moench", type: .moench, moduleCount: 1, bitDepth: 16, imageWidth: 400, imageHeight: 32, startUDPPort: 50001,
            modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 399, yEnd: 31)])
        configuration.readRows = 32
        return configuration
    }
}
