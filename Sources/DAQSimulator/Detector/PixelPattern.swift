public import DAQCore

/// The pixels of a simulated detector: a function of seed, frame number, stream and packet that anyone can compute again.
///
/// A table of 131,072 pixel words is made by a 32-bit hash; every packet carries a window of it that begins at a place of its own.
/// All integers wrap at 2³² in the hash:
///
///     h(i)   = v ^ v >> 13  with  v = u * 2246822519,  u = w ^ w >> 15,  w = i * 2654435761 + seed * 40503
///     T[i]   = word(h(i))                                                      0 <= i < 131072
///     start  = ((frame * streams + stream) * packets + packet) * 40503  mod 131072
///     pixel j of the packet = T[(start + j) mod 131072]
///
/// `frame` is the header's frame number, `streams` the number of UDP streams of the detector (placed or not), `packets` the packet
/// numbers of a whole frame (the upper bound of the format's ``PacketFormat/packets``). 40503 is odd, so any 131,072 packets in a
/// row have different windows, and a packet in a wrong place shows. With r = h(i) and q = r >> 22 (0 to 1023) the words are:
///
///     JUNGFRAU   q < 10   0xC000 | (14000 - (r & 0x7FF))      third stage, 1 %
///                q < 61   0x4000 | (13800 - (r & 0x7FF))      second stage, 5 %
///                q < 63   0xC000                              saturated
///                q = 63   0x8000 | 2500                       invalid, only on request
///                q < 124  2500 + (r & 0x1FF) + 3900           first stage with photons, 6 %
///                else     2500 + (r & 0x1FF)                  first stage, dark
///     MOENCH     q < 61   8000 + (r & 0x7FF),  else  4000 + (r & 0x1FF)
///     EIGER      q < 10   r & (0x7F, 0xFFF or 0xFFFFF for 8, 16 or 32 bits),  else  (r & 15) & (r >> 4 & 15)
///
/// `Tests/Python/simulated_pattern.py` says the same in numpy.
public struct PixelPattern: Sendable {
    /// Number of words in the table.
    public static let tableWords = 1 << 17

    /// Seed of the hash.
    public let seed: UInt32
    private let wordBytes: Int
    /// The table, then its beginning once more, so that every window is in one piece.
    private let table: [UInt8]
    private static let longestWindow = 8192

    /// The pattern for one kind of packets.
    public init(detector: StandardPacketFormat.DetectorCode, pixelType: PixelType, seed: UInt32, invalidGain: Bool = false) {
        self.seed = seed
        wordBytes = pixelType.bytes
        var table = [UInt8](repeating: 0, count: (Self.tableWords + Self.longestWindow) * wordBytes)
        table.withUnsafeMutableBytes { bytes in
            for index in 0..<Self.tableWords + Self.longestWindow {
                let random = Self.hash(UInt32(index % Self.tableWords), seed: seed)
                let word = Self.word(random, detector: detector, bits: pixelType.bytes * 8, invalidGain: invalidGain)
                switch pixelType.bytes {
                case 1: bytes[index] = UInt8(truncatingIfNeeded: word)
                case 2:
                    bytes.storeBytes(of: UInt16(truncatingIfNeeded: word).littleEndian, toByteOffset: index * 2, as: UInt16.self)
                default: bytes.storeBytes(of: word.littleEndian, toByteOffset: index * 4, as: UInt32.self)
                }
            }
        }
        self.table = table
    }

    /// Copies the window that begins at word `start` into `destination`, which it fills.
    ///
    /// - Precondition: `destination` has room for at most 8192 pixels.
    func copyWindow(at start: Int, to destination: UnsafeMutableRawBufferPointer) {
        precondition(destination.count <= Self.longestWindow * wordBytes, "a packet holds at most \(Self.longestWindow) pixels")
        table.withUnsafeBytes { bytes in
            let first = (start & (Self.tableWords - 1)) * wordBytes
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first..<first + destination.count]))
        }
    }

    /// The 32-bit hash of the doc comment.
    static func hash(_ index: UInt32, seed: UInt32) -> UInt32 {
        var value = index &* 2_654_435_761 &+ seed &* 40503
        value ^= value >> 15
        value = value &* 2_246_822_519
        return value ^ value >> 13
    }

    private static func word(
        _ random: UInt32, detector: StandardPacketFormat.DetectorCode, bits: Int, invalidGain: Bool
    ) -> UInt32 {
        let share = random >> 22
        switch detector {
        case .jungfrau:
            let dark = 2500 + (random & 0x1FF)
            if share < 10 { return 0xC000 | (14000 - (random & 0x7FF)) }
            if share < 61 { return 0x4000 | (13800 - (random & 0x7FF)) }
            if share < 63 { return 0xC000 }
            if share == 63, invalidGain { return 0x8000 | 2500 }
            return share < 124 ? dark + 3900 : dark
        case .moench:
            return share < 61 ? 8000 + (random & 0x7FF) : 4000 + (random & 0x1FF)
        case .eiger:
            let large: UInt32 = bits == 8 ? 0x7F : bits == 16 ? 0xFFF : 0xF_FFFF
            return share < 10 ? random & large : random & 15 & (random >> 4)
        }
    }
}
