import DAQCore
import Testing

@Suite("Memory plan")
struct MemoryPlanTests {
    @Test("The default ring is 1 GiB, or window + 4 images when that is more")
    func defaultBudget() throws {
        let small = MemoryPlan(try DocumentText.jungfrau.read().configuration)
        #expect(small.imageBytes == 1024 * 1024 * 2)
        #expect(small.slotCount == 512)
        #expect(small.ringBytes == 1 << 30)

        // 3106 × 3264 × 4 = 40,551,936 bytes; 9M slots begin on pages of 4096, which that is not a multiple of.
        let large = MemoryPlan(try DocumentText.eiger9M.with("receive", #"{"window": 30}"#).read().configuration)
        #expect(large.slotBytes == 40_554_496)
        #expect(large.slotCount == 34)
    }

    @Test("A given budget is used and never exceeded")
    func givenBudget() throws {
        let configuration = try DocumentText.jungfrau.with("ring", #"{"bytes": 20000000}"#).read().configuration
        let plan = MemoryPlan(configuration)
        #expect(plan.slotCount == 9)
        #expect(plan.ringBytes <= 20_000_000)
        #expect(MemoryPlan(configuration, slotBytes: 2_097_153).slotBytes == 2_101_248)
        let bytesWin = try DocumentText.jungfrau.with("ring", #"{"bytes": 20000000}"#).with("ram_buffer_gb", "3").read()
            .configuration
        #expect(bytesWin.ring.budgetBytes == 20_000_000)
    }

    @Test("Packet buffers, held packets and calibration follow the configuration")
    func parts() throws {
        let text = DocumentText.jungfrau.with("receive", #"{"threads": 8, "batch": 100}"#)
        let raw = MemoryPlan(try text.read().configuration)
        // 8240 bytes a datagram, on cache lines; two streams keep two threads busy at most.
        #expect(raw.packetStride == 8256)
        #expect(raw.threads == 2)
        #expect(raw.packetBufferBytes == 2 * 100 * 8256)
        #expect(raw.heldPacketBytes == (2 + 2) * 128 * 8240)
        #expect(raw.calibrationBytes == 0)
        #expect(raw.totalBytes == raw.ringBytes + raw.indexBytes + raw.packetBufferBytes + raw.heldPacketBytes)
        #expect(!raw.description.contains("calibration"))

        // The kernel joins up to 64 KiB.
        let joined = MemoryPlan(try text.with("receive", #"{"threads": 8, "gro": true}"#).read().configuration)
        #expect(joined.packetBufferBytes == 2 * 8 * 65_536)

        let corrected = MemoryPlan(try text.with("detector_type", "\"jungfrau-converted\"").read().configuration)
        #expect(corrected.imageBytes == 1024 * 1024 * 4)
        #expect(corrected.calibrationBytes == 2 * 1024 * 512 * 48)
        #expect(corrected.description.contains("256 slots of 4.0 MiB"))
    }

    @Test("A ring that is too small for the stacked modules of strip sensors is refused")
    func stripSensors() throws {
        func text(bytes: Int) -> DocumentText {
            DocumentText.jungfrau.with("module_positions", nil).with("image_pixel_width", nil).with("image_pixel_height", nil)
                .with("n_modules", "1").with("geometry", "\"JF05T01\"").with("ring", "{\"bytes\": \(bytes)}")
        }
        // An image of 3090 × 84 pixels and a module of 1024 × 512, two bytes each, in eight slots on pages.
        let least = 8 * 1_568_768
        #expect(text(bytes: least).problems().isEmpty)
        let problems = text(bytes: least - 1).problems()
        #expect(problems.map { "\($0.path)" } == ["ring.bytes"])
        #expect(problems.first?.expected.contains("\(least) bytes, for 8 images") == true)
        let configuration = try text(bytes: least).read().configuration
        #expect(MemoryPlan(configuration, slotBytes: try ImageAssembler.slotBytes(for: configuration)).slotCount == 8)
    }
}
