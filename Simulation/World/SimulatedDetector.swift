import DAQCore

/// Detectors that between them use every way of packets into images, small or with small packets, so that runs are fast.
enum SimulatedDetector: Int, CaseIterable {
    case jungfrau, tallModules, middleModuleAbsent, twoInterfaces, gapPixels, manyModules, grid, gridWithHole
    case eiger, eigerWide, eigerHeaders, moench

    /// The detector's configuration.
    var configuration: DetectorConfiguration {
        switch self {
        case .jungfrau: Self.jungfrau([0], rows: 8)
        case .tallModules: Self.jungfrau([0, 1, 2], rows: 32)
        case .middleModuleAbsent: Self.jungfrau([0, 2], rows: 8)
        case .twoInterfaces: Self.jungfrau([0, 1], rows: 16, interfaces: 2)
        case .gapPixels: Self.jungfrau([0, 1], rows: 8, gap: 2)
        case .manyModules: Self.jungfrau(Array(0..<9), rows: 8)
        case .grid: Self.jungfrau([0, 1], rows: 16, grid: ModuleGrid(rows: 2, columns: 1))
        case .gridWithHole: Self.jungfrau([0, 2], rows: 8, grid: ModuleGrid(rows: 3, columns: 1))
        case .eiger: Self.eiger(streams: 2, bitDepth: 8, payload: 1024)
        case .eigerWide: Self.eiger(streams: 4, bitDepth: 16, payload: 4096)
        // Packets smaller than any detector's, to spend the time on decisions instead of copies.
        case .eigerHeaders: Self.eiger(streams: 2, bitDepth: 8, payload: 256)
        case .moench: Self.partialMoench
        }
    }

    private static func jungfrau(
        _ modules: [Int], rows: Int, interfaces: Int = 1, gap: Int = 0, grid: ModuleGrid? = nil
    ) -> DetectorConfiguration {
        let (width, height) = (1024 + 3 * gap, rows + gap)
        var positions: [Int: ModulePosition] = [:]
        for module in modules {
            let (first, last) = (module * height, module * height + height - 1)
            // Every other module lies upside down.
            let (yStart, yEnd) = module % 2 == 1 ? (last, first) : (first, last)
            positions[module] = ModulePosition(xStart: 0, yStart: yStart, xEnd: width - 1, yEnd: yEnd)
        }
        let count = (modules.max() ?? 0) + 1
        var configuration = DetectorConfiguration(
            name: "jf", type: .jungfrauRaw, moduleCount: count, bitDepth: 16, imageWidth: width, imageHeight: height * count,
            startUDPPort: 50000, modulePositions: positions)
        configuration.readRows = rows
        configuration.udpInterfaces = interfaces
        configuration.moduleGrid = grid
        return configuration
    }

    private static func eiger(streams: Int, bitDepth: Int, payload: Int) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for stream in 0..<streams {
            let (x, y) = (stream % 2 * 516, stream / 2 * 256)
            let (yStart, yEnd) = stream % 2 == 1 ? (y + 255, y) : (y, y + 255)
            positions[stream] = ModulePosition(xStart: x, yStart: yStart, xEnd: x + 513, yEnd: yEnd)
        }
        var configuration = DetectorConfiguration(
            name: "eiger", type: .eiger, moduleCount: streams, bitDepth: bitDepth, imageWidth: 1030,
            imageHeight: 256 * ((streams + 1) / 2), startUDPPort: 50020, modulePositions: positions)
        configuration.payloadBytes = payload
        return configuration
    }

    private static var partialMoench: DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "moench", type: .moench, moduleCount: 1, bitDepth: 16, imageWidth: 400, imageHeight: 32, startUDPPort: 50001,
            modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 399, yEnd: 31)])
        configuration.readRows = 32
        return configuration
    }
}
