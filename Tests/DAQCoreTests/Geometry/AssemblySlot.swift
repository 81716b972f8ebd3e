@testable import DAQCore

/// Memory for one image, filled the way the receiver does it: packet by packet, in any order.
final class AssemblySlot {
    let assembler: ImageAssembler
    private let configuration: DetectorConfiguration
    private let memory: UnsafeMutableRawBufferPointer

    init(_ configuration: DetectorConfiguration, _ calibration: Calibration?) throws {
        self.configuration = configuration
        assembler = try ImageAssembler(configuration, calibration: calibration)
        memory = .allocate(byteCount: assembler.slotBytes, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
        assembler.prepare(memory)
    }

    deinit { memory.deallocate() }

    /// Assembles one image of the stacked raw pixels of all modules.
    ///
    /// - Parameter missing: packets that do not arrive, by stream.
    func assemble(
        _ raw: UnsafeRawBufferPointer, missing: [Int: PacketSet] = [:], random: inout SeededNumbers
    ) {
        let shape = configuration.moduleShape
        var arrivals: [(stream: Int, packet: Int, offset: Int, bytes: Int)] = []
        for stream in configuration.placedStreams {
            let format = configuration.packetFormat(of: stream)
            let module = stream.module * shape.pixels + stream.part * shape.pixels / 2
            for packet in format.packets where missing[stream.number]?.contains(packet) != true {
                let offset = module * format.pixelType.bytes + packet * format.payloadBytes
                arrivals.append((stream.number, packet, offset, format.payloadBytes))
            }
        }
        arrivals.shuffle(using: &random)
        for arrival in arrivals {
            let payload = UnsafeRawBufferPointer(rebasing: raw[arrival.offset..<arrival.offset + arrival.bytes])
            assembler.place(stream: arrival.stream, packet: arrival.packet, payload: payload, into: memory)
        }
        assembler.finish(memory, missing: missing.map { MissingPackets(port: $0.key, packets: $0.value) })
    }

    /// The finished image.
    func pixels<Pixel: BitwiseCopyable>(as: Pixel.Type) -> [Pixel] {
        Array(memory.bindMemory(to: Pixel.self)[..<assembler.format.pixels])
    }
}

/// A reproducible sequence of numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
