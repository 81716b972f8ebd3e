import DAQCore
import DAQSimulator
import Foundation
import Testing

@Suite struct DetectorSimulatorTests {
    @Test func firstHeaderIsTheOneOfTheVendorsVirtualJungfrau() {
        var options = SimulatorOptions()
        options.firstBunchID = 0
        options.exposure = 0
        let simulator = DetectorSimulator(Detectors.jungfrau(), options: options)
        let expected: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 24) + [0xD2, 0x04] + [UInt8](repeating: 0, count: 12) + [
                3, 2,
            ]
        #expect(Array(simulator.datagrams(image: 0)[0].bytes[..<48]) == expected)
    }

    @Test func fieldsFollowImageAndStream() {
        var options = SimulatorOptions()
        options.firstFrame = 29512
        options.period = 1_001_998_500
        options.information = 0x10_0001
        options.exposure = 500_000
        let configuration = Detectors.jungfrau(modules: 2, interfaces: 2)
        let last = DetectorSimulator(configuration, options: options).datagrams(image: 3).last
        let bytes = last?.bytes ?? []
        #expect(last?.stream == 3)
        #expect(field(bytes, 0, as: UInt64.self) == 29515)
        #expect(field(bytes, 8, as: UInt32.self) == 5000)
        #expect(field(bytes, 12, as: UInt32.self) == 63)
        #expect(field(bytes, 16, as: UInt64.self) == 4)
        #expect(field(bytes, 24, as: UInt64.self) == 30_059_955)
        #expect(field(bytes, 32, as: UInt16.self) == 1235)
        #expect(field(bytes, 34, as: UInt16.self) == 3)
        #expect(field(bytes, 36, as: UInt16.self) == 0)
        #expect(field(bytes, 40, as: UInt32.self) == 0x10_0001)
    }

    @Test func bunchIDIsADoubleWhereTheConfigurationSaysSo() {
        var configuration = Detectors.jungfrau()
        configuration.imageID = .bunchIDFloat64
        configuration.imageIDStep = 4
        var options = SimulatorOptions()
        options.firstBunchID = 12_345_678_901
        let simulator = DetectorSimulator(configuration, options: options)
        let bytes = simulator.datagrams(image: 2)[0].bytes
        #expect(Double(bitPattern: field(bytes, 16)) == 12_345_678_909)
        #expect(field(bytes, 0, as: UInt64.self) == 3)
        #expect(simulator.imageID(ofImage: 2) == 12_345_678_909)
    }

    @Test func eigerHasItsOwnFields() {
        var options = SimulatorOptions()
        options.exposure = 10_485_760
        let image = DetectorSimulator(Detectors.eiger(bits: 32), options: options).datagrams(image: 1)
        #expect(field(image[0].bytes, 8, as: UInt32.self) == 8)
        #expect(field(image[0].bytes, 16, as: UInt64.self) == 0)
        #expect(field(image[0].bytes, 40, as: UInt32.self) == 0xE14A)
        #expect(image[..<4].map { field($0.bytes, 44, as: UInt16.self) } == [8192, 0, 8192, 0])
        #expect(image[..<4].map { field($0.bytes, 36, as: UInt16.self) } == [0, 1, 0, 1])
        #expect(image[0].bytes[46...47] == [1, 2])
    }

    @Test(arguments: [
        (Detectors.jungfrau(), 128, 8240), (Detectors.jungfrau(interfaces: 2), 64, 8240), (Detectors.eiger(bits: 8), 32, 4144),
        (Detectors.eiger(bits: 16), 64, 4144), (Detectors.eiger(bits: 32), 128, 4144),
        (Detectors.eiger(bits: 32, payload: 1024), 512, 1072), (Detectors.moench(), 50, 6448),
        (Detectors.moench(interfaces: 2), 25, 6448),
    ])
    func packetsOfAFrame(configuration: DetectorConfiguration, packets: Int, bytes: Int) {
        let simulator = DetectorSimulator(configuration)
        let image = simulator.datagrams(image: 0)
        #expect(simulator.packetsPerImage == packets * simulator.streams.count)
        #expect(image.allSatisfy { $0.bytes.count == bytes })
        for (stream, format) in zip(simulator.streams, simulator.formats) {
            let mine = image.filter { $0.stream == stream.number }
            #expect(mine.map { Int(field($0.bytes, 12, as: UInt32.self)) } == Array(0..<packets))
            #expect(mine.flatMap { $0.bytes[48...] } == simulator.expectedFrame(image: 0, stream: stream.number))
            // What it makes is what the receiving side reads.
            for datagram in mine {
                guard case .packet = datagram.bytes.withUnsafeBytes(format.read) else {
                    Issue.record("a packet of stream \(stream.number) is refused")
                    return
                }
            }
        }
    }

    @Test func partialReadOutSendsTheMiddleRows() {
        var configuration = Detectors.jungfrau(interfaces: 2)
        configuration.readRows = 8
        let image = DetectorSimulator(configuration).datagrams(image: 0)
        #expect(image.map { field($0.bytes, 12, as: UInt32.self) } == [63, 0])
    }

    @Test func unplacedModulesAreSilentUnlessAsked() {
        var configuration = Detectors.jungfrau(modules: 2)
        configuration.modulePositions[0] = nil
        #expect(DetectorSimulator(configuration).streams.map(\.number) == [1])
        var options = SimulatorOptions()
        options.unplacedStreams = true
        #expect(DetectorSimulator(configuration, options: options).streams.map(\.number) == [0, 1])
    }

    @Test func noTwoPacketsOfNeighbouringImagesAreEqual() {
        let simulator = DetectorSimulator(Detectors.jungfrau(modules: 2))
        var payloads: Set<[UInt8]> = []
        for image in 0..<4 {
            for datagram in simulator.datagrams(image: image) { payloads.insert(Array(datagram.bytes[48...])) }
        }
        #expect(payloads.count == 4 * 256)
    }

    @Test func patternDependsOnTheSeedAndOnNothingElse() {
        let simulator = DetectorSimulator(Detectors.moench())
        #expect(
            DetectorSimulator(Detectors.moench()).expectedFrame(image: 7, stream: 0)
                == simulator.expectedFrame(image: 7, stream: 0))
        var options = SimulatorOptions()
        options.seed = 2
        let other = DetectorSimulator(Detectors.moench(), options: options)
        #expect(other.expectedFrame(image: 7, stream: 0) != simulator.expectedFrame(image: 7, stream: 0))
    }

    @Test(arguments: [false, true]) func gainStagesHaveTheirShares(invalid: Bool) {
        var options = SimulatorOptions()
        options.invalidGain = invalid
        let bytes = DetectorSimulator(Detectors.jungfrau(), options: options).expectedFrame(image: 0, stream: 0)
        var shares = [0.0, 0.0, 0.0, 0.0]
        for offset in stride(from: 1, to: bytes.count, by: 2) { shares[Int(bytes[offset] >> 6)] += 2 / Double(bytes.count) }
        #expect(shares[0] > 0.92 && shares[0] < 0.95)
        #expect(shares[1] > 0.04 && shares[1] < 0.06)
        #expect(shares[3] > 0.008 && shares[3] < 0.016)
        #expect(invalid ? shares[2] > 0 : shares[2] == 0)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["DAQ_TEST_PYTHON"] != nil, "DAQ_TEST_PYTHON is not set"))
    func numpyComputesTheSamePixels() throws {
        let folder = try TemporaryFolder()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Python/simulated_pattern.py").path
        func python(_ arguments: [String]) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["DAQ_TEST_PYTHON"] ?? "")
            process.arguments = ["-B", script] + arguments
            process.standardOutput = FileHandle.standardError
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try python([]) == 0)
        var options = SimulatorOptions()
        options.seed = 77
        options.invalidGain = true
        for configuration in [
            Detectors.jungfrau(modules: 2), Detectors.jungfrau(interfaces: 2), Detectors.moench(), Detectors.eiger(bits: 8),
            Detectors.eiger(bits: 16), Detectors.eiger(bits: 32, payload: 1024),
        ] {
            let simulator = DetectorSimulator(configuration, options: options)
            let stream = simulator.streams.count - 1
            let format = simulator.formats[stream]
            let file = try folder.write(simulator.expectedFrame(image: 41, stream: stream), to: "frame.raw")
            let detector = configuration.type.isJungfrau ? "jungfrau" : configuration.type.rawValue
            let arguments = [
                file, "--detector", detector, "--bits", "\(format.pixelType.bytes * 8)", "--number", "42", "--seed", "77",
                "--stream", "\(stream)", "--streams", "\(configuration.streamCount)", "--packets", "\(format.packets.upperBound)",
                "--pixels", "\(format.payloadBytes / format.pixelType.bytes)", "--invalid",
            ]
            #expect(try python(arguments) == 0, "\(arguments)")
            // A check that cannot fail is none.
            #expect(try python(arguments.map { $0 == "42" ? "43" : $0 }) == 1)
        }
    }
}
