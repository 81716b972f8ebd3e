import CDAQKernels
import Testing

@testable import DAQCore

/// Every variant of every pixel loop against its plain twin.
@Suite("Pixel kernels")
struct PixelKernelTests {
    /// Random words and tables of `count` pixels; how often gains are switched changes from group to group.
    struct Input {
        var words: [UInt16] = []
        var tables: [Float] = []
        let count: Int

        init(count: Int, random: inout SeededNumbers) {
            self.count = count
            while words.count < count {
                let switched = [0, 1, 50, 100].randomElement(using: &random) ?? 0
                for _ in 0..<64 {
                    let code: UInt16 = Int.random(in: 0..<100, using: &random) < switched ? .random(in: 0...3, using: &random) : 0
                    words.append(code << 14 | .random(in: 0...0x3FFF, using: &random))
                }
            }
            words.removeLast(words.count - count)
            for stage in 0..<6 {
                for _ in 0..<count {
                    // Every other plane is a factor: of both signs, and now and then so large that int32 overflows.
                    let factor = Float.random(in: -1...1, using: &random) * (Bool.random(using: &random) ? 1 : 1e7)
                    tables.append(stage.isMultiple(of: 2) ? .random(in: 0...16384, using: &random) : factor)
                }
            }
        }

        func stages(of pixel: Int) -> [(pedestal: Float, factor: Float)] {
            (0..<3).map { (tables[2 * $0 * count + pixel], tables[(2 * $0 + 1) * count + pixel]) }
        }
    }

    typealias Kernel = @Sendable (cdaq_correction, UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Bool

    static let kernels: [(name: String, integer: Bool, run: Kernel)] = [
        (
            "float32, dispatched", false,
            {
                cdaq_correct_float32($0, $1, $2, $3, $4); return true
            }
        ),
        (
            "int32, dispatched", true,
            {
                cdaq_correct_int32($0, $1, $2, $3, $4); return true
            }
        ),
        ("float32, default", false, { cdaq_correct_float32_for(CDAQ_ISA_DEFAULT, $0, $1, $2, $3, $4) }),
        ("int32, default", true, { cdaq_correct_int32_for(CDAQ_ISA_DEFAULT, $0, $1, $2, $3, $4) }),
        ("float32, x86-64-v3", false, { cdaq_correct_float32_for(CDAQ_ISA_X86_64_V3, $0, $1, $2, $3, $4) }),
        ("int32, x86-64-v3", true, { cdaq_correct_int32_for(CDAQ_ISA_X86_64_V3, $0, $1, $2, $3, $4) }),
        ("float32, x86-64-v4", false, { cdaq_correct_float32_for(CDAQ_ISA_X86_64_V4, $0, $1, $2, $3, $4) }),
        ("int32, x86-64-v4", true, { cdaq_correct_int32_for(CDAQ_ISA_X86_64_V4, $0, $1, $2, $3, $4) }),
    ]

    @Test("Correction gives the bits of its twin", arguments: kernels.indices, [1, -1, 7, -30])
    func correction(kernel index: Int, step: Int) throws {
        let kernel = Self.kernels[index]
        var random = SeededNumbers(seed: UInt64(index))
        for count in [0, 1, 2, 3, 63, 64, 65, 127, 256, 517, 4500] {
            // Whole cache lines are written another way than pixels that begin anywhere.
            for variant in 0..<8 {
                let invalid: UInt32? = variant & 1 == 0 ? nil : 0x7FC0_0000
                let isLarge = variant & 2 != 0
                let shift = variant & 4 == 0 ? 0 : 1
                let input = Input(count: count, random: &random)
                let expected = (0..<count).map {
                    PixelKernels.correct(
                        input.words[$0], stages: input.stages(of: $0), invalid: invalid, integer: kernel.integer)
                }
                // One byte off, since payloads need not be aligned.
                var payload = [UInt8](repeating: 0, count: 2 * count + 1)
                for (pixel, word) in input.words.enumerated() {
                    payload[2 * pixel + 1] = UInt8(truncatingIfNeeded: word)
                    payload[2 * pixel + 2] = UInt8(truncatingIfNeeded: word >> 8)
                }
                let span = 1 + max(0, count - 1) * abs(step)
                var output = [UInt8](repeating: 0xA5, count: 4 * (span + 2) + 1)
                let first = step > 0 ? 1 : span
                let ran = payload.withUnsafeBytes { payload in
                    output.withUnsafeMutableBytes { output in
                        input.tables.withUnsafeBufferPointer { tables in
                            let correction = cdaq_correction(
                                tables: tables.baseAddress, stride: count, invalid_mask: invalid == nil ? 0 : .max,
                                invalid_bits: invalid ?? 0, is_large: isLarge)
                            guard let source = payload.baseAddress, let place = output.baseAddress else { return false }
                            return kernel.run(correction, source + 1, count, place + shift + 4 * first, step)
                        }
                    }
                }
                guard ran else {
                    print("skipped: this processor has no variant «\(kernel.name)»")
                    return
                }
                var untouched = Set(0..<span + 2)
                let found = (0..<count).map { pixel in
                    let position = first + pixel * step
                    untouched.remove(position)
                    return output.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: shift + 4 * position, as: UInt32.self) }
                }
                #expect(found == expected, "\(kernel.name), \(count) pixels, step \(step)")
                #expect(
                    untouched.allSatisfy { position in
                        output[(shift + 4 * position)..<(shift + 4 + 4 * position)].allSatisfy { $0 == 0xA5 }
                    }, "\(kernel.name) writes beside its pixels")
            }
        }
    }

    @Test("Integers are rounded half to even and limited")
    func rounding() {
        let cases: [(Float, Int32)] = [
            (0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (-2.5, -2), (0.49999997, 0), (8_388_607.5, 8_388_608),
            (3e9, .max), (-3e9, -.max), (2_147_483_520, 2_147_483_520),
        ]
        for (value, expected) in cases {
            let tables: [Float] = [0, value, 0, 1, 0, 1]
            var word: UInt16 = 1
            var result: Int32 = 7
            tables.withUnsafeBufferPointer {
                cdaq_correct_int32(
                    cdaq_correction(tables: $0.baseAddress, stride: 1, invalid_mask: 0, invalid_bits: 0, is_large: false), &word,
                    1, &result, 1)
            }
            #expect(result == expected, "\(value)")
        }
    }

    @Test("Dark frames are added as by the twin", arguments: [0.0, 3.0])
    func darkFrames(window: Double) {
        var random = SeededNumbers(seed: 5)
        let count = 1037
        var sums = [Double](repeating: 0, count: count)
        var squares = sums
        var mask = [Int64](repeating: 0, count: count)
        var (expectedSums, expectedSquares, expectedMask) = (sums, squares, mask)
        for frame in 0..<20 {
            let words = (0..<count).map { _ in UInt16.random(in: 0...(.max), using: &random) }
            let gain = UInt32(frame % 4)
            cdaq_accumulate_dark(words, count, gain, window, &sums, &squares, &mask, 1 << frame)
            #expect(cdaq_count_gain(words, count, gain) == words.count { UInt32($0 >> 14) == gain })
            for pixel in 0..<count {
                PixelKernels.accumulate(
                    words[pixel], window: window == 0 ? nil : window, sum: &expectedSums[pixel], square: &expectedSquares[pixel])
                if UInt32(words[pixel] >> 14) != gain { expectedMask[pixel] |= 1 << frame }
            }
        }
        #expect(sums == expectedSums)
        #expect(squares == expectedSquares)
        #expect(mask == expectedMask)
    }
}
