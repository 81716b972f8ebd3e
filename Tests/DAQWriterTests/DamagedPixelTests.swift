#if Compression
    import DAQCompression
    import DAQCore
    import Testing

    @testable import DAQWriter

    /// Packed images whose bytes in the file are not what they should be: told with an error, and never read beyond.
    @Suite(.serialized) struct DamagedPixelTests {
        private let directory: TemporaryDirectory
        private let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        private let filter: BitshuffleFilter
        private let chunk: [UInt8]

        init() throws {
            directory = try TemporaryDirectory()
            filter = try BitshuffleFilter(elementBytes: 2)
            chunk = try Self.packed(Self.pixels(of: format), filter)
        }

        private static func pixels(of format: ImageFormat) -> [UInt16] {
            (0..<format.pixels).map { UInt16(TestImages.pattern(image: 1, x: $0 % format.width, y: $0 / format.width)) }
        }

        private static func packed(_ pixels: [UInt16], _ filter: BitshuffleFilter) throws -> [UInt8] {
            var compressor = try BitshuffleCompressor(filter)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: filter.bound(for: 2 * pixels.count), alignment: 16)
            defer { memory.deallocate() }
            let count = try pixels.withUnsafeBytes { try compressor.compress($0.bytes, into: memory) }
            return Array(memory[..<count])
        }

        /// Writes chunks as they are, whatever they are.
        private func write(_ chunks: [[UInt8]], mask: UInt32 = 0, part: Int? = nil) throws -> String {
            let path = directory.file("packed.h5")
            var options = FileOptions()
            options.filter = ChunkFilter(
                identifier: BitshuffleFilter.filterID, parameters: filter.parameters, name: "bitshuffle")
            options.imagesPerPart = part
            let writer = HDF5Writer(path: path, overwrite: true, options: options)
            try writer.open(TestImages.run(format))
            for (number, chunk) in chunks.enumerated() {
                try chunk.withUnsafeBytes {
                    try writer.accept(ImageMetadata(id: UInt64(number)), chunk: $0, filterMask: mask)
                }
            }
            try writer.close()
            return path
        }

        /// Expects every image to be refused, by everything that reads.
        private func expectRefused(_ path: String, says words: String) throws {
            let file = try HDF5ImageFile(path: path)
            for image in 0..<file.imageCount {
                let error = #expect(throws: HDF5Error.self, "image \(image)") { try file.bytes(ofImage: image) }
                #expect(error?.code == .damaged && error?.detail.contains(words) == true, "\(image): \(error?.description ?? "")")
            }
            #expect(try file.verify().problems.compactMap(\.image) == Array(0..<min(file.imageCount, 100)))
            for command in [["verify", path], ["inspect", path], ["export", path, "--tiff", directory.path]] {
                let result = try Shell.run(Programs.daqctl, command)
                #expect(result.status == 1, "\(result.output.suffix(300))")
                #expect(!result.output.contains("crashed"), "\(result.output.suffix(300))")
            }
        }

        @Test("Cut off anywhere")
        func cut() throws {
            // A chunk of no bytes cannot be written.
            let path = try write((1..<chunk.count).map { Array(chunk[..<$0]) })
            try expectRefused(path, says: "chunk")
        }

        @Test("With any byte changed, an image is refused or has all its pixels")
        func changed() throws {
            var chunks: [[UInt8]] = []
            for index in chunk.indices {
                for value in [0, 0xFF, 0x80, chunk[index] ^ 1, chunk[index] &+ 1] {
                    var changed = chunk
                    changed[index] = value
                    chunks.append(changed)
                }
            }
            let file = try HDF5ImageFile(path: write(chunks))
            var refused = 0
            for image in chunks.indices {
                do throws(HDF5Error) {
                    #expect(try file.bytes(ofImage: image).count == format.bytes)
                } catch {
                    refused += 1
                    #expect(error.code == .damaged, "\(error)")
                }
            }
            #expect(refused > 40)
        }

        @Test("Well formed, but of too few or too many pixels", arguments: [nil, 1])
        func otherSize(part: Int?) throws {
            let pixels = Self.pixels(of: format)
            let short = try Self.packed(Array(pixels[..<64]), filter)
            let long = try Self.packed(pixels + pixels, filter)
            try expectRefused(write([short, long, short], part: part), says: "256 are expected")
        }

        @Test("Said not to be packed, and too short for that")
        func masked() throws {
            try expectRefused(write([Array(chunk[..<20]), chunk], mask: 1), says: "needs 256")
        }

        @Test("What only had its bits shuffled is read without a plugin, in any size")
        func shuffled() throws {
            guard let python = Shell.python(for: "shuffled") else { return }
            let path = directory.file("shuffled.h5")
            let script = """
                import sys, zlib, h5py, hdf5plugin, numpy
                images = numpy.random.default_rng(3).integers(0, 5000, (3, 37, 61)).astype(sys.argv[2])
                with h5py.File(sys.argv[1], "w") as file:
                    file.create_dataset(
                        "images", data=images, chunks=(1, 37, 61), **hdf5plugin.Bitshuffle(nelems=int(sys.argv[3]), cname="none"))
                print(zlib.crc32(images.tobytes()))
                """
            for (type, block) in [("u2", 0), ("u2", 16), ("u4", 0), ("f8", 64), ("u1", 0)] {
                let made = try Shell.run(python, ["-c", script, path, type, "\(block)"])
                try #require(made.status == 0, "\(made.output)")
                let result = try HDF5ImageFile(path: path).verify()
                #expect(result.isGood, "\(type), \(block): \(result.problems)")
                #expect(made.output == "\(result.checksum)\n", "\(type), \(block)")
            }
        }
    }
#endif
