@testable import DAQCore

/// A detector of random type, read-out and module positions, and the slow truth about its images.
struct RandomDetector: CustomStringConvertible {
    private(set) var configuration: DetectorConfiguration
    private let gaps: Bool

    var description: String {
        "\(configuration.type.rawValue) \(configuration.bitDepth) bit, \(configuration.payloadBytes) bytes, "
            + "\(configuration.udpInterfaces) interface(s), rows \(configuration.readRows ?? 0), gaps \(gaps), "
            + "content \(configuration.content), "
            + configuration.modulePositions.sorted { $0.key < $1.key }.map { "\($0.value)" }.joined(separator: " ")
    }

    init(random: inout SeededNumbers) {
        let kinds: [DetectorType] = [.jungfrauConverted, .jungfrauRaw, .eiger, .moench]
        let type = kinds.randomElement(using: &random) ?? .eiger
        let modules = Int.random(in: 1...3, using: &random)
        gaps = type != .moench && Bool.random(using: &random)
        configuration = DetectorConfiguration(
            name: "random", type: type, moduleCount: modules, bitDepth: 16, imageWidth: 0, imageHeight: 0, startUDPPort: 50_000,
            modulePositions: [:])
        switch type {
        case .eiger:
            configuration.bitDepth = [8, 16, 32].randomElement(using: &random) ?? 8
            configuration.payloadBytes = Bool.random(using: &random) ? 4096 : 1024
        case .moench:
            configuration.udpInterfaces = Int.random(in: 1...2, using: &random)
            configuration.readRows = Bool.random(using: &random) ? 16 * Int.random(in: 1...24, using: &random) : nil
        default:
            configuration.udpInterfaces = Int.random(in: 1...2, using: &random)
            // Whole modules are rare, since the slow assembly is slow.
            configuration.readRows = Int.random(in: 0..<6, using: &random) == 0 ? nil : 8 * Int.random(in: 1...10, using: &random)
        }
        configuration.gapValue = .number(Double(Int.random(in: 0...200, using: &random)))
        configuration.calibration.maskedValue = Bool.random(using: &random) ? .extreme : .number(3)
        configuration.missingValue = Bool.random(using: &random) ? .extreme : .number(251)
        configuration.calibration.invalidGain = Bool.random(using: &random) ? .mask : .thirdStage
        configuration.calibration.factor =
            type == .jungfrauConverted && Bool.random(using: &random) ? 12.4 : nil
        placeModules(random: &random)
    }

    /// Puts the modules beside each other at random heights, now and then leaving one out.
    private mutating func placeModules(random: inout SeededNumbers) {
        var left = Int.random(in: 0...5, using: &random)
        var height = 0
        for module in 0..<configuration.moduleCount {
            if module > 0, Int.random(in: 0..<4, using: &random) == 0 { continue }
            let rotation = Int.random(in: 0...3, using: &random)
            // With read_rows a position may be that of the whole module, or only of what is read.
            let whole = configuration.type != .jungfrauRaw && Bool.random(using: &random)
            let area = turned(area(whole: whole), rotation)
            let top = Int.random(in: 0...9, using: &random)
            var position = ModulePosition(
                xStart: left, yStart: top, xEnd: left + area[0].count - 1, yEnd: top + area.count - 1, rotation: rotation)
            if Bool.random(using: &random) { swap(&position.xStart, &position.xEnd) }
            if Bool.random(using: &random) { swap(&position.yStart, &position.yEnd) }
            configuration.modulePositions[module] = position
            left += area[0].count + Int.random(in: 0...3, using: &random)
            height = max(height, top + area.count)
        }
        configuration.imageWidth = left + 1
        configuration.imageHeight = height + Int.random(in: 0...3, using: &random)
    }

    func rawBytes(random: inout SeededNumbers) -> [UInt8] {
        let size = configuration.type == .eiger ? configuration.bitDepth / 8 : 2
        let count = configuration.moduleCount * configuration.moduleShape.pixels * size
        return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
            for offset in stride(from: 0, to: count, by: 8) {
                UnsafeMutableRawBufferPointer(buffer).storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
            }
            initialized = count
        }
    }

    func calibration(random: inout SeededNumbers) -> Calibration? {
        guard configuration.content == .corrected || Bool.random(using: &random) else { return nil }
        let count = configuration.moduleCount * configuration.moduleShape.pixels
        // Cheap, and different for neighbours, rows and planes.
        func plane(_ start: Float, _ slope: Float) -> [Float] {
            var plane = [Float](repeating: start, count: count)
            for pixel in plane.indices { plane[pixel] += Float(pixel % 1009) * slope }
            return plane
        }
        var mask = [Int64](repeating: 0, count: count)
        for _ in 0..<count / 50 { mask[.random(in: 0..<count, using: &random)] = 1 }
        return Calibration(
            pedestals: [plane(2500, 0.25), plane(13_000, 0.5), plane(14_000, 0.75)],
            gains: [plane(40, 0.01), plane(-1.4, -0.001), plane(-0.11, -0.0001)], mask: mask)
    }

    /// The module's pixel numbers with `nil` for gap pixels, as far as the position covers the module.
    private func area(whole: Bool) -> [[Int?]] {
        let shape = configuration.moduleShape
        let read = configuration.readRows ?? shape.rows
        let first = (shape.rows - read) / 2
        var rows: [[Int?]] = []
        for row in whole ? 0..<shape.rows : first..<first + read {
            if gaps, row == 256, !rows.isEmpty {
                rows += Array(repeating: Array(repeating: nil, count: rows[0].count), count: 2)
            }
            var line: [Int?] = []
            for column in 0..<shape.columns {
                if gaps, column > 0, column % 256 == 0 { line += [nil, nil] }
                line.append(row < first || row >= first + read ? nil : row * shape.columns + column)
            }
            rows.append(line)
        }
        return rows
    }

    /// Counter-clockwise quarter turns: the last column becomes the first row.
    private func turned(_ area: [[Int?]], _ turns: Int) -> [[Int?]] {
        var area = area
        for _ in 0..<turns { area = area[0].indices.reversed().map { column in area.map { $0[column] } } }
        return area
    }

    /// The image, as the bits of its pixels.
    func slowImage(_ raw: [UInt8], _ calibration: Calibration?, _ missing: [Int: PacketSet]) -> [UInt32] {
        let corrected = configuration.content == .corrected
        let rawType: PixelType =
            configuration.type == .eiger
            ? (configuration.bitDepth == 8 ? .uint8 : configuration.bitDepth == 16 ? .uint16 : .uint32) : .uint16
        let type: PixelType = corrected ? (configuration.calibration.factor == nil ? .float32 : .int32) : rawType
        let missingBits = configuration.missingValue.bits(as: type) ?? 0
        let maskedBits = configuration.calibration.maskedValue.bits(as: type) ?? 0
        let modulePixels = configuration.moduleShape.pixels
        let lost = lostPixels(missing, rawType)

        var image = Array(
            repeating: configuration.gapValue.bits(as: type) ?? 0, count: configuration.imageWidth * configuration.imageHeight)
        for (module, position) in configuration.modulePositions {
            let candidates = [false, true].lazy.map { turned(area(whole: $0), position.rotation) }
            guard let area = candidates.first(where: { $0.count == position.height && $0[0].count == position.width }) else {
                continue
            }
            for (y, line) in area.enumerated() {
                for (x, inner) in line.enumerated() {
                    guard let inner else { continue }
                    let pixel = module * modulePixels + inner
                    var value: UInt32 = 0
                    for byte in (0..<rawType.bytes).reversed() { value = value << 8 | UInt32(raw[pixel * rawType.bytes + byte]) }
                    if corrected, let calibration { value = slowCorrection(UInt16(value), pixel, calibration, type, maskedBits) }
                    if lost[pixel] { value = missingBits }
                    if corrected, let mask = calibration?.mask, mask[pixel] != 0 { value = maskedBits }
                    let row = position.yStart + (position.yEnd < position.yStart ? -y : y)
                    let column = position.xStart + (position.xEnd < position.xStart ? -x : x)
                    image[row * configuration.imageWidth + column] = value
                }
            }
        }
        return image
    }

    private func slowCorrection(
        _ word: UInt16, _ pixel: Int, _ calibration: Calibration, _ type: PixelType, _ masked: UInt32
    ) -> UInt32 {
        let numerator = configuration.calibration.factor.map { Float(1 / $0) } ?? 1
        let stages = (0..<3).map { (calibration.pedestals[$0][pixel], numerator / calibration.gains[$0][pixel]) }
        let invalid = configuration.calibration.invalidGain == .mask ? masked : nil
        return PixelKernels.correct(word, stages: stages, invalid: invalid, integer: type == .int32)
    }

    /// Pixels of lost packets: a packet's pixels follow each other, row after row, in its half of the module.
    private func lostPixels(_ missing: [Int: PacketSet], _ type: PixelType) -> [Bool] {
        let modulePixels = configuration.moduleShape.pixels
        var lost = [Bool](repeating: false, count: configuration.moduleCount * modulePixels)
        let perPacket = configuration.payloadBytes / type.bytes
        for (stream, packets) in missing {
            let interfaces = configuration.type == .eiger ? 1 : configuration.udpInterfaces
            let first = stream / interfaces * modulePixels + stream % interfaces * modulePixels / 2
            for packet in packets.numbers {
                for pixel in 0..<perPacket { lost[first + packet * perPacket + pixel] = true }
            }
        }
        return lost
    }
}
