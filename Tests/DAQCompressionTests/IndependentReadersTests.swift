#if Compression
    import DAQSimulator
    import DAQCompression
    import Foundation
    import Testing

    /// Implementations written by others: the HDF5 filter plugin and DECTRIS's decompressor.
    @Suite("Bitshuffle and other implementations")
    struct IndependentReadersTests {
        private struct Case: Encodable {
            let name: String
            let elementBytes: Int
            let blockElements: Int
            let level: Int?
            let parameters: [UInt32]
        }

        static let python = ProcessInfo.processInfo.environment["DAQ_TEST_PYTHON"]

        @Test(.enabled(if: python != nil, "DAQ_TEST_PYTHON is not set")) func theyReadOursAndWeReadTheirs() throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "daq-bitshuffle-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            var random = SplitMix64(seed: 2025)
            var cases: [Case] = []
            for size in [1, 2, 4, 8] {
                for (block, level) in [(0, nil), (0, 1), (256, nil), (4096, 3)] as [(Int, Int?)] {
                    for (elements, kind) in zip([1, 7, 8, 1000, 8192, 33_333], TestPixels.allCases + [.counts, .masked]) {
                        let codec: BitshuffleFilter.Codec = level.map { .zstd(level: $0) } ?? .lz4
                        let filter = try BitshuffleFilter(elementBytes: size, blockElements: block, codec: codec)
                        let name = "\(size)-\(block)-\(level ?? -1)-\(elements)"
                        let pixels = kind.bytes(elements, elementBytes: size, using: &random)
                        try Data(pixels).write(to: folder.appending(path: "\(name).raw"))
                        try Data(packed(pixels, filter)).write(to: folder.appending(path: "\(name).chunk"))
                        cases.append(
                            Case(
                                name: name, elementBytes: size, blockElements: block, level: level, parameters: filter.parameters)
                        )
                    }
                }
            }
            try JSONEncoder().encode(cases).write(to: folder.appending(path: "cases.json"))
            #expect(try check(folder) == 0)
            for entry in cases {
                let pixels = Array(try Data(contentsOf: folder.appending(path: "\(entry.name).raw")))
                let theirs = Array(try Data(contentsOf: folder.appending(path: "\(entry.name).theirs")))
                let back = try unpacked(
                    theirs, bytes: pixels.count, elementBytes: entry.elementBytes, entry.level == nil ? .lz4 : .zstd)
                #expect(back == pixels, "\(entry.name)")
            }
            // A check that cannot fail is none.
            let damaged = folder.appending(path: "\(cases[3].name).raw")
            try Data(repeating: 1, count: 1000).write(to: damaged)
            #expect(try check(folder) == 1)
        }

        private func check(_ folder: URL) throws -> Int32 {
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Python/check_bitshuffle.py")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.python ?? "")
            process.arguments = ["-B", script.path, folder.path]
            process.standardOutput = FileHandle.standardError
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }
#endif
