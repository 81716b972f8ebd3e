/// A reproducible source of changed inputs (SplitMix64), for machines without libFuzzer and for tests.
package struct Mutator: RandomNumberGenerator {
    private var state: UInt64
    private let corpus: [[UInt8]]
    private let maximumBytes: Int

    /// Numbers at which checks tend to fail.
    private static let edges: [UInt64] = [0, 1, 127, 128, 255, 256, 32768, 65535, 1 << 31, 1 << 32, 1 << 63, .max - 1, .max]

    /// Changes of the inputs in a corpus.
    package init(seed: UInt64, corpus: [[UInt8]], maximumBytes: Int) {
        state = seed
        self.corpus = corpus.isEmpty ? [[]] : corpus
        self.maximumBytes = maximumBytes
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The next input: one of the corpus with a few changes.
    package mutating func input() -> [UInt8] {
        var bytes = corpus[Int.random(in: corpus.indices, using: &self)]
        for _ in 0..<Int.random(in: 1...6, using: &self) { change(&bytes) }
        return Array(bytes.prefix(maximumBytes))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let start = Int.random(in: 0...bytes.count, using: &self)
        let end = min(bytes.count, start + Int.random(in: 0...16, using: &self))
        switch Int.random(in: 0..<6, using: &self) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &self))
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &self), at: start)
        case 3:
            let edge = Self.edges[Int.random(in: Self.edges.indices, using: &self)]
            let width = [1, 2, 4, 8][Int.random(in: 0..<4, using: &self)]
            let number = withUnsafeBytes(of: Bool.random(using: &self) ? edge.littleEndian : edge.bigEndian) { Array($0) }
            bytes.replaceSubrange(start..<min(bytes.count, start + width), with: number.prefix(width))
        case 4:
            let other = corpus[Int.random(in: corpus.indices, using: &self)]
            bytes.replaceSubrange(start..., with: other.suffix(from: min(start, other.count)))
        default:
            if start < bytes.count { bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &self) }
        }
    }
}
