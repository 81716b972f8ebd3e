import Testing

@testable import DAQCore

/// Random detectors against an assembly that turns, flips and pastes whole arrays, pixel by pixel.
@Suite("Geometry of random detectors")
struct GeometryPropertyTests {
    @Test("Images equal a slow assembly, with missing packets and masked pixels", arguments: 0..<24 as Range<UInt64>)
    func randomDetector(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let detector = RandomDetector(random: &random)
        let configuration = detector.configuration
        print("seed \(seed): \(detector)")
        let calibration = detector.calibration(random: &random)
        let slot = try AssemblySlot(configuration, calibration)
        // The second image must show nothing of the first one.
        for image in 0..<2 {
            let raw = detector.rawBytes(random: &random)
            var missing: [Int: PacketSet] = [:]
            for stream in configuration.placedStreams where image == 1 && Bool.random(using: &random) {
                var lost = PacketSet()
                for packet in configuration.packetFormat(of: stream).packets where Int.random(in: 0..<4, using: &random) == 0 {
                    lost.insert(packet)
                }
                missing[stream.number] = lost
            }
            raw.withUnsafeBytes { slot.assemble($0, missing: missing, random: &random) }
            let expected = detector.slowImage(raw, calibration, missing)
            let found: [UInt32] =
                switch slot.assembler.format.pixelType.bytes {
                case 1: slot.pixels(as: UInt8.self).map { UInt32($0) }
                case 2: slot.pixels(as: UInt16.self).map { UInt32($0) }
                default: slot.pixels(as: UInt32.self)
                }
            let wrong = zip(found, expected).enumerated().filter { $0.element.0 != $0.element.1 }
            #expect(
                wrong.isEmpty, "seed \(seed), image \(image): \(wrong.count) pixels, first \(String(describing: wrong.first))")
        }
    }
}
