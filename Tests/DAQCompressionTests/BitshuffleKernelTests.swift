#if Compression
    import DAQSimulator
    import CDAQKernels
    import Testing

    /// Every variant of the bitshuffle loops against one that takes bit by bit.
    @Suite("Bitshuffle kernels")
    struct BitshuffleKernelTests {
        static let variants: [(name: String, isa: cdaq_isa?)] = [
            ("dispatched", nil), ("default", CDAQ_ISA_DEFAULT), ("x86-64-v3", CDAQ_ISA_X86_64_V3),
            ("x86-64-v4", CDAQ_ISA_X86_64_V4), ("x86-64-v3 with GFNI", CDAQ_ISA_X86_64_V3_GFNI),
        ]

        /// Row j holds bit j of every element.
        private func shuffled(_ elements: [UInt8], size: Int) -> [UInt8] {
            let count = elements.count / size
            var rows = [UInt8](repeating: 0, count: elements.count)
            for element in 0..<count {
                for bit in 0..<8 * size where elements[element * size + bit / 8] >> (bit % 8) & 1 == 1 {
                    rows[bit * (count / 8) + element / 8] |= 1 << (element % 8)
                }
            }
            return rows
        }

        @Test(arguments: variants.map(\.name), [1, 2, 4, 8]) func everyVariantGivesTheSameBits(name: String, size: Int) throws {
            let variant = try #require(Self.variants.first { $0.name == name })
            var random = SplitMix64(seed: UInt64(size))
            // Around the 256 elements that are handled together, and a default block.
            for count in [8, 16, 120, 248, 256, 264, 504, 512, 1000, 8192 / size] {
                let elements = TestPixels.noise.bytes(count, elementBytes: size, using: &random)
                let expected = shuffled(elements, size: size)
                // One byte off, since detectors' rows begin anywhere; one byte more, which must stay.
                var rows = [UInt8](repeating: 0xA5, count: elements.count + 2)
                var back = rows
                let source = [0] + elements
                let isThere = source.withUnsafeBytes { source in
                    rows.withUnsafeMutableBytes { rows in
                        back.withUnsafeMutableBytes { back in
                            guard let source = source.baseAddress, let rows = rows.baseAddress, let back = back.baseAddress else {
                                return false
                            }
                            guard let isa = variant.isa else {
                                cdaq_bitshuffle(source + 1, count, size, rows + 1)
                                cdaq_bitunshuffle(rows + 1, count, size, back + 1)
                                return true
                            }
                            return cdaq_bitshuffle_for(isa, source + 1, count, size, rows + 1)
                                && cdaq_bitunshuffle_for(isa, rows + 1, count, size, back + 1)
                        }
                    }
                }
                guard isThere else {
                    print("SKIPPED bitshuffle kernel \(name): this processor does not have it")
                    return
                }
                #expect(rows == [0xA5] + expected + [0xA5], "\(count) elements")
                #expect(back == [0xA5] + elements + [0xA5], "\(count) elements")
            }
        }
    }
#endif
