/// Pixels of one 1024 × 512 module, as they are stored.
enum DetectorPixels: String {
    /// Photons, 0.5 a pixel on average.
    case counts16, counts32
    /// Words of a JUNGFRAU in its first gain: a pedestal with its noise.
    case raw16
    /// Corrected keV: noise in every bit.
    case float32

    static let count = 1024 * 512

    var elementBytes: Int {
        switch self {
        case .counts16, .raw16: 2
        case .counts32, .float32: 4
        }
    }

    /// Little-endian pixels; the caller frees them.
    func make() -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.count * elementBytes, alignment: 4096)
        var random = LinearRandom()
        for pixel in 0..<Self.count {
            switch self {
            case .counts16: memory.storeBytes(of: UInt16(random.photons()), toByteOffset: 2 * pixel, as: UInt16.self)
            case .counts32: memory.storeBytes(of: Int32(random.photons()), toByteOffset: 4 * pixel, as: Int32.self)
            case .raw16:
                let word = 2500 + (pixel % 1024) / 8 + Int(12 * random.normal())
                memory.storeBytes(of: UInt16(clamping: word), toByteOffset: 2 * pixel, as: UInt16.self)
            case .float32: memory.storeBytes(of: Float(0.3 * random.normal()), toByteOffset: 4 * pixel, as: Float.self)
            }
        }
        return memory
    }

    private struct LinearRandom {
        private var state: UInt64 = 1

        /// A number from 0 to below 1.
        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }

        /// About a normal distribution of width 1: a sum of twelve.
        mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }

        /// A Poisson distribution around 0.5, by multiplying until the product is below exp(-0.5).
        mutating func photons() -> Int {
            var product = uniform()
            var count = 0
            while product > 0.6065 {
                product *= uniform()
                count += 1
            }
            return count
        }
    }
}
