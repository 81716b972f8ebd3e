import CDAQBench
import DAQBuffer
import DAQCore

/// Placing packets that are in the cache into images that are not, raw or corrected, against memcpy of 64 MiB.
struct PlacingBenchmark {
    let name: String
    let statement: String
    let modules: Int
    let isCorrected: Bool
    /// Share of pixels, scattered, in the second and third gain stage.
    var switched = 0.0
    let repetitions: Int
    let target: Double

    func run() throws -> [any ResultLine] {
        var configuration = Detectors.jungfrau(
            modules: modules, type: isCorrected ? .jungfrauConverted : .jungfrauRaw, port: 20000)
        configuration.ring.budgetBytes = 1 << 30
        let pixels = modules * 1024 * 512
        let calibration = isCorrected ? Self.calibration(pixels) : nil
        let assembler = try ImageAssembler(configuration, calibration: calibration)
        let ring = try ImageRing(for: configuration)
        let packets = Self.packets(switched: switched)
        defer { packets.deallocate() }
        let copy = Memcpy()
        var pairs = Pairs()
        var slot = 0
        for repetition in 0..<repetitions + 2 {
            // About 64 MiB of raw data a repetition.
            let images = max(1, 64 / modules)
            let begin = bench_thread_time()
            for _ in 0..<images {
                let memory = ring.bytes(of: slot % ring.slotCount)
                slot += 1
                for packet in 0..<128 {
                    let payload = UnsafeRawBufferPointer(rebasing: packets[packet * 8256 + 48..<packet * 8256 + 8240])
                    for module in 0..<modules { assembler.place(stream: module, packet: packet, payload: payload, into: memory) }
                }
            }
            let time = Double(bench_thread_time() - begin)
            let speed = Double(images * pixels * 2) / time
            let memcpySpeed = copy.gigabytesPerSecond()
            if repetition >= 2 { pairs.append(ours: speed, roofline: memcpySpeed) }
        }
        return [pairs.measurement(name, statement, unit: "GB/s of raw", goal: .atLeast(target))]
    }

    /// 128 packets at the stride of the receive buffers.
    private static func packets(switched: Double) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 8256, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        var state: UInt64 = 1
        for packet in 0..<128 {
            for offset in Swift.stride(from: 48, to: 8240, by: 2) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let random = Double(state >> 11) / Double(1 << 53)
                let stage: UInt16 = random < switched ? (random < switched / 2 ? 1 : 3) : 0
                let word = stage << 14 | UInt16(2000 + (state >> 40) % 1000)
                memory.storeBytes(of: word, toByteOffset: packet * 8256 + offset, as: UInt16.self)
            }
        }
        return memory
    }

    /// A calibration with values near those of real modules.
    static func calibration(_ pixels: Int) -> Calibration {
        func plane(_ value: Float) -> [Float] { (0..<pixels).map { value + Float($0 % 101) / 64 } }
        return Calibration(
            pedestals: [plane(2500), plane(13800), plane(14000)], gains: [plane(41), plane(-3.5), plane(-2.2), plane(100)],
            mask: nil)
    }
}

/// memcpy of 64 MiB, the yardstick of all memory figures.
final class Memcpy {
    private let bytes = 64 << 20
    private let source: UnsafeMutableRawPointer
    private let destination: UnsafeMutableRawPointer

    init() {
        source = .allocate(byteCount: bytes, alignment: 4096)
        destination = .allocate(byteCount: bytes, alignment: 4096)
        source.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
        destination.initializeMemory(as: UInt8.self, repeating: 2, count: bytes)
    }

    deinit {
        source.deallocate()
        destination.deallocate()
    }

    /// Bytes copied a nanosecond.
    func gigabytesPerSecond() -> Double {
        let begin = bench_thread_time()
        destination.copyMemory(from: source, byteCount: bytes)
        return Double(bytes) / Double(bench_thread_time() - begin)
    }
}
