import CDAQBench
import DAQCore

/// Sends the packets of consecutive frames to a number of ports, in order, a given number a port at a time.
final class PacketTrain {
    private let sockets: [Int32]
    private let packets: Range<Int>
    private let length: Int
    private let stride: Int
    private let together: Int
    private let storage: UnsafeMutableRawBufferPointer
    /// Packets sent to each port so far.
    private var position = 0

    /// - Parameters:
    ///   - most: the most packets a port that are ever sent at once.
    ///   - together: how many of them are sent as one message that the kernel cuts.
    init(_ configuration: DetectorConfiguration, ports: [Int], most: Int, together: Int = 1) {
        self.together = together
        sockets = ports.map { bench_connect(Int32($0)) }
        let format = configuration.packetFormat(of: configuration.streams[0])
        packets = format.packets
        length = format.maximumDatagramBytes
        stride = (length + 63) / 64 * 64
        storage = .allocate(byteCount: stride * most, alignment: 64)
        for packet in 0..<most {
            Self.fill(UnsafeMutableRawBufferPointer(rebasing: storage[packet * stride..<(packet + 1) * stride]), format)
        }
    }

    /// Writes what all packets have in common: the header, and raw words near a pedestal, all in the first gain stage.
    static func fill(_ packet: UnsafeMutableRawBufferPointer, _ format: StandardPacketFormat) {
        packet.initializeMemory(as: UInt8.self, repeating: 0)
        for offset in Swift.stride(from: 48, to: format.maximumDatagramBytes, by: 2) {
            packet.storeBytes(of: UInt16(2500 + (offset &* 7) % 97), toByteOffset: offset, as: UInt16.self)
        }
        packet.storeBytes(of: format.detector.rawValue, toByteOffset: 46, as: UInt8.self)
        packet.storeBytes(of: 2, toByteOffset: 47, as: UInt8.self)
    }

    deinit {
        for socket in sockets { bench_close(socket) }
        storage.deallocate()
    }

    /// Sends the next `count` packets to every port.
    func send(_ count: Int) {
        for packet in 0..<count {
            let number = position + packet
            storage.storeBytes(of: UInt64(number / packets.count + 1), toByteOffset: packet * stride, as: UInt64.self)
            storage.storeBytes(
                of: UInt32(packets.lowerBound + number % packets.count), toByteOffset: packet * stride + 12, as: UInt32.self)
        }
        position += count
        guard let base = storage.baseAddress else { return }
        for socket in sockets {
            let sent = bench_send(socket, base, stride, length, UInt32(count), UInt32(together))
            precondition(sent == Int32(count), "the sender could not send: \(sent)")
        }
    }
}
