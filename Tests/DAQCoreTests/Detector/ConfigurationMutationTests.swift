import DAQCore
import Testing

@Suite("Damaged configurations")
struct ConfigurationMutationTests {
    /// SplitMix64 (Steele, Lea and Flood 2014).
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let pieces = [
        "9223372036854775807", "-9223372036854775808", "1e308", "-0", "0.5", "null", "true", "{}", "[]", "\"\"", "\"nan\"", "\0",
        "{",
        "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "-", "1", "65535",
    ].map { Array($0.utf8) }

    @Test("A damaged document is read or refused with reasons, and what is read is valid", arguments: 0..<8 as Range<UInt64>)
    func damaged(seed: UInt64) throws {
        print("seed \(seed)")
        var random = Generator(state: seed)
        let full = DocumentText.jungfrau.with("receive", #"{"window": 4, "cpus": [0, 1]}"#).with("ring", #"{"bytes": 100000000}"#)
            .with("missing_value", "-1").with("calibration", #"{"factor": 12.4, "masked_value": "nan"}"#)
        for _ in 0..<500 {
            var bytes = Array([full, .eiger].randomElement(using: &random)?.text.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...6, using: &random))
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.replaceSubrange(start..<end, with: Self.pieces.randomElement(using: &random) ?? [])
                case 1: bytes[start] = UInt8.random(in: 0...255, using: &random)
                default: bytes.removeSubrange(start..<end)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do {
                let configuration = try ConfigurationDocument(json: bytes).configuration
                #expect(configuration.validate().isEmpty, "seed \(seed): \(text)")
                #expect(MemoryPlan(configuration).slotCount >= configuration.receive.window + MemoryPlan.spareSlots)
            } catch {
                #expect(!error.problems.isEmpty && !error.description.isEmpty, "seed \(seed): \(text)")
            }
        }
    }

    /// Numbers of any size in the place of every number: arithmetic before a check would trap.
    @Test("No number makes the checks overflow", arguments: 0..<4 as Range<UInt64>)
    func extremeNumbers(seed: UInt64) {
        print("seed \(seed)")
        var random = Generator(state: seed)
        let numbers = ["9223372036854775807", "-9223372036854775808", "0", "-1", "1", "4294967296", "1e18", "65536"]
        let keys = [
            "n_modules", "bit_depth", "image_pixel_height", "image_pixel_width", "start_udp_port", "udp_interfaces", "read_rows",
            "payload_bytes", "image_id_step", "max_id_gap", "sync_timeout", "missing_value", "ram_buffer_gb",
        ]
        for _ in 0..<300 {
            var text = [DocumentText.jungfrau, .eiger, .moench].randomElement(using: &random) ?? .eiger
            for _ in 0..<3 { text[keys.randomElement(using: &random) ?? ""] = numbers.randomElement(using: &random) }
            text["module_positions"] =
                "{\"0\": [\((0..<4).map { _ in numbers.randomElement(using: &random) ?? "" }.joined(separator: ", "))]}"
            // No module is 0 or 65536 pixels wide; whatever else is wrong, this is.
            #expect(!text.problems().isEmpty, "seed \(seed): \(text.text)")
        }
    }
}
