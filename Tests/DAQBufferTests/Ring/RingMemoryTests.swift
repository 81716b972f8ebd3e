import DAQBuffer
import DAQCore
import Glibc
import Testing

/// What `daqctl check` says about the memory of a ring is what the ring takes.
@Suite struct RingMemoryTests {
    private static func jungfrau(_ modules: Int, bytes: Int, window: Int = 4) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in 0..<modules {
            positions[module] = ModulePosition(xStart: 0, yStart: module * 512, xEnd: 1023, yEnd: module * 512 + 511)
        }
        var detector = DetectorConfiguration(
            name: "memory", type: .jungfrauRaw, moduleCount: modules, bitDepth: 16, imageWidth: 1024, imageHeight: modules * 512,
            startUDPPort: 50000, modulePositions: positions)
        detector.ring.budgetBytes = bytes
        detector.receive.window = window
        return detector
    }

    private static func camera(_ width: Int, _ height: Int, _ layout: RingConfiguration.Layout) -> DetectorConfiguration {
        let source = SourceConfiguration(address: "tcp://camera:1", format: .bsread)
        var detector = DetectorConfiguration(
            name: "memory", receiving: ImageFormat(width: width, height: height, pixelType: .uint16), from: source)
        detector.ring.budgetBytes = 5_000_000
        detector.ring.layout = layout
        return detector
    }

    static let detectors = [
        jungfrau(1, bytes: 20_000_000), jungfrau(2, bytes: 50_000_001), jungfrau(9, bytes: 100 << 20, window: 2),
        camera(7, 13, .native), camera(7, 13, .stdDAQ), camera(640, 1, .stdDAQ), camera(641, 479, .native),
    ]

    @Test(arguments: detectors)
    func thePlanIsTheSizeOfTheObjects(detector: DetectorConfiguration) throws {
        let name = RingName()
        let plan = MemoryPlan(detector, slotBytes: try ImageAssembler.slotBytes(for: detector))
        let ring = try ImageRing(creating: name.text, for: detector)
        var (sizes, blocks) = (0, 0)
        for object in name.objects {
            var status = stat()
            try #require(stat("/dev/shm/\(object)", &status) == 0)
            sizes += Int(status.st_size)
            // All of it is there from the start, which is what the plan is for.
            blocks += Int(status.st_blocks) * 512
        }
        #expect(name.objects.count == 3)
        #expect(sizes == plan.ringBytes + plan.indexBytes)
        #expect(blocks == sizes)
        #expect(plan.totalBytes >= sizes && ring.slotCount == plan.slotCount)
    }
}
