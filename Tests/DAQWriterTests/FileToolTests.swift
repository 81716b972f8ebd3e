import CDAQZlib
import DAQCore
import DAQSimulator
import Glibc
import Synchronization
import Testing

#if Compression
    import DAQCompression
#endif

@testable import DAQWriter

/// Gathering, recovering, verifying and exporting files.
@Suite(.serialized) struct FileToolTests {
    private let directory: TemporaryDirectory
    private let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ name: String, _ ids: [Int], _ options: FileOptions = FileOptions()) throws {
        let writer = HDF5Writer(path: directory.file(name), options: options)
        try writer.open(TestImages.run(format))
        for id in ids {
            var metadata = ImageMetadata(id: UInt64(id))
            if id % 3 == 0 {
                metadata.status = .missingPackets
                metadata.missing = [MissingPackets(port: 0, packets: PacketSet(id..<id + 1))]
            }
            try writer.accept(TestImages.pattern(id, format, metadata))
        }
        try writer.close()
    }

    private func ids(_ name: String) throws -> [UInt64]? {
        try HDF5ImageFile(path: directory.file(name)).index().columns["frame_id"]
    }

    @Test("Several writers' files become one, in the order of the ids, and every image is the right one")
    func gather() throws {
        for writer in 0..<3 { try write("run_\(writer).h5", Array(stride(from: writer, to: 31, by: 3))) }
        let files = [2, 0, 1].map { directory.file("run_\($0).h5") }
        let result = try GatheredFile(creating: directory.file("run.h5"), from: files)
        #expect(result.images == 31 && result.isSorted)
        #expect(try ids("run.h5") == (0..<31).map { UInt64($0) })
        let file = try HDF5ImageFile(path: directory.file("run.h5"))
        for image in 0..<31 {
            #expect(try file.values(ofImage: image)[17] == Double(TestImages.pattern(image: image, x: 1, y: 1)), "\(image)")
        }
        #expect(try file.verify().isGood)
        #expect(throws: HDF5Error.self) { try GatheredFile(creating: directory.file("run.h5"), from: files) }
        // One that shows another.
        try write("more.h5", [40, 41])
        let all = try GatheredFile(
            creating: directory.file("all.h5"), from: [directory.file("run.h5"), directory.file("more.h5")])
        #expect(all.images == 33)
        #expect(try ids("all.h5") == (0..<31).map { UInt64($0) } + [40, 41])
    }

    @Test("Files of std-daq are put in the order of their ids too, and ids in no file are counted")
    func gatherStdDAQ() throws {
        for writer in 0..<3 {
            var options = FileOptions()
            options.format = .stdDAQ
            let ids = stride(from: writer, to: 30, by: 3).filter { $0 != 7 && $0 != 8 }
            try write("file\(writer).h5", ids, options)
        }
        let files = (0..<3).map { directory.file("file\($0).h5") }
        let result = try GatheredFile(creating: directory.file("all.h5"), from: files)
        #expect(result.isSorted && result.images == 28 && result.missingImages == 2)
        #expect(try ids("all.h5") == (0..<30).filter { $0 != 7 && $0 != 8 }.map { UInt64($0) })
        let file = try HDF5ImageFile(path: directory.file("all.h5"))
        for (row, image) in (0..<30).filter({ $0 != 7 && $0 != 8 }).enumerated() {
            #expect(try file.values(ofImage: row)[17] == Double(TestImages.pattern(image: image, x: 1, y: 1)), "\(image)")
        }
    }

    @Test("The directory may have any name")
    func gatherBesideAccents() throws {
        let folder = directory.file("dür")
        #expect(mkdir(folder, 0o755) == 0)
        try write("dür/a.h5", [0, 2])
        try write("dür/b.h5", [1])
        let result = try GatheredFile(creating: "\(folder)/all.h5", from: ["\(folder)/a.h5", "\(folder)//b.h5"])
        #expect(result.images == 3)
        let file = try HDF5ImageFile(path: "\(folder)/all.h5")
        for image in 0..<3 {
            #expect(try file.values(ofImage: image)[17] == Double(TestImages.pattern(image: image, x: 1, y: 1)))
        }
        #expect(try file.verify().sources == ["a.h5", "b.h5"], "they can be moved together")
    }

    @Test("A file is not replaced by one that shows it, whatever it is called")
    func gatherItself() throws {
        try write("own.h5", [1, 2])
        #expect(link(directory.file("own.h5"), directory.file("hard.h5")) == 0)
        #expect(symlink("own.h5", directory.file("soft.h5")) == 0)
        for name in ["own.h5", "./own.h5", "hard.h5", "soft.h5"] {
            let failure = #expect(throws: HDF5Error.self) {
                try GatheredFile(creating: directory.file("own.h5"), from: [directory.file(name)], overwrite: true)
            }
            #expect(failure?.code == .mismatch, "\(name)")
        }
        #expect(try HDF5ImageFile(path: directory.file("own.h5")).verify().isGood)
        #expect(try ids("own.h5") == [1, 2])
    }

    @Test("The same image in two files is an error that names both")
    func duplicate() throws {
        try write("a.h5", [1, 2, 3])
        try write("b.h5", [3, 4])
        let failure = #expect(throws: HDF5Error.self) {
            try GatheredFile(creating: directory.file("c.h5"), from: [directory.file("a.h5"), directory.file("b.h5")])
        }
        #expect(failure?.description.contains("image 3 (segment 0)") == true, "\(failure?.description ?? "")")
        #expect(access(directory.file("c.h5"), F_OK) != 0)
    }

    @Test("Any split of any ids is put in order", arguments: 0..<20)
    func orders(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var keys: [[(segment: UInt64, id: UInt64)]] = Array(repeating: [], count: 4)
        for segment in 0..<2 {
            for id in 0..<200 where UInt64.random(in: 0..<4, using: &generator) > 0 {
                keys[Int.random(in: 0..<4, using: &generator)].append((UInt64(segment), UInt64(id)))
            }
        }
        for index in keys.indices where seed % 2 == 1 { keys[index].shuffle(using: &generator) }
        guard let order = try? ImageOrder(sorting: keys) else {
            Issue.record("seed \(seed): no order")
            return
        }
        var whole: [(segment: UInt64, id: UInt64)?] = Array(repeating: nil, count: order.images)
        for run in order.runs {
            for index in 0..<run.count { whole[run.destination + index * run.stride] = keys[run.source][run.start + index] }
        }
        let sorted = keys.joined().sorted { $0 < $1 }
        #expect(whole.compactMap { $0 }.count == sorted.count, "seed \(seed)")
        #expect(zip(whole, sorted).allSatisfy { $0?.segment == $1.segment && $0?.id == $1.id }, "seed \(seed)")
    }

    @Test("Names are ordered by their numbers")
    func names() {
        let names = ["run_10.h5", "run_9.h5", "run_009b.h5", "a.h5", "run_1.h5"]
        #expect(names.sorted(by: NumericOrder.precedes) == ["a.h5", "run_1.h5", "run_9.h5", "run_009b.h5", "run_10.h5"])
    }

    @Test("A file that misses a part, or a chunk, does not pass")
    func verify() throws {
        var options = FileOptions()
        options.imagesPerPart = 4
        try write("whole.h5", Array(0..<10), options)
        try write("same.h5", Array(0..<10))
        let whole = try HDF5ImageFile(path: directory.file("whole.h5")).verify()
        #expect(whole.isGood && whole.images == 10 && whole.sources.count == 3)
        let same = try HDF5ImageFile(path: directory.file("same.h5")).verify()
        #expect(same.checksum == whole.checksum && same.checksums == whole.checksums && same.sources.isEmpty)
        let pixels = try (0..<10).flatMap { try HDF5ImageFile(path: directory.file("same.h5")).bytes(ofImage: $0) }
        #expect(UInt32(truncatingIfNeeded: crc32_z(0, pixels, pixels.count)) == same.checksum)

        #expect(unlink(directory.file("whole_000002.h5")) == 0)
        let broken = try HDF5ImageFile(path: directory.file("whole.h5")).verify()
        #expect(!broken.isGood)
        #expect(broken.problems.contains { $0.reason.contains("whole_000002.h5") }, "\(broken.problems)")

        let file = try HDF5File(changing: directory.file("same.h5"))
        try HDF5Dataset(opening: "entry/data/data", in: file.root()).resize(to: 11, row: [8, 16])
        try file.close()
        let grown = try HDF5ImageFile(path: directory.file("same.h5")).verify()
        #expect(grown.problems.contains { $0.image == 10 && $0.reason.contains("never written") }, "\(grown.problems)")
        #expect(grown.problems.contains { $0.reason.contains("10 rows for 11 images") })
    }

    @Test("Parts are missed through a file that shows a file that shows them, and when they are shorter than they were")
    func verifyDeeply() throws {
        var options = FileOptions()
        options.imagesPerPart = 4
        try write("deep.h5", Array(0..<10), options)
        try write("other.h5", [20, 21])
        _ = try GatheredFile(creating: directory.file("all.h5"), from: [directory.file("deep.h5"), directory.file("other.h5")])
        let whole = try HDF5ImageFile(path: directory.file("all.h5")).verify()
        #expect(whole.isGood && whole.images == 12, "\(whole.problems)")

        try write("short.h5", [4, 5])
        #expect(rename(directory.file("deep_000002.h5"), directory.file("kept.h5")) == 0)
        #expect(rename(directory.file("short.h5"), directory.file("deep_000002.h5")) == 0)
        for name in ["deep.h5", "all.h5"] {
            let short = try HDF5ImageFile(path: directory.file(name)).verify()
            #expect(short.problems.contains { $0.reason.contains("deep_000002.h5") }, "\(name): \(short.problems)")
        }
        #expect(unlink(directory.file("deep_000002.h5")) == 0)
        let missing = try HDF5ImageFile(path: directory.file("all.h5")).verify()
        #expect(missing.problems.contains { $0.reason.contains("deep_000002.h5") }, "\(missing.problems)")
    }

    @Test("Of an image of several chunks every one is looked for")
    func verifyTiles() throws {
        guard let python = Shell.python(for: "verifyTiles") else { return }
        let script = """
            import sys, h5py, numpy
            with h5py.File(sys.argv[1], "w") as file:
                stack = file.create_dataset("stack", (5, 64, 64), "u2", chunks=(2, 32, 32), maxshape=(None, 64, 64))
                stack[:4] = 1
                stack[4, 32:, :32] = stack[4, :32] = 1
                if sys.argv[2] == "whole":
                    stack[4, 32:, 32:] = 1
            """
        for (name, isGood) in [("whole", true), ("hole", false)] {
            let path = directory.file("\(name).h5")
            #expect(try Shell.run(python, ["-c", script, path, name]).status == 0)
            let result = try HDF5ImageFile(path: path).verify()
            #expect(result.isGood == isGood, "\(result.problems)")
            #expect(result.problems.map(\.image) == (isGood ? [] : [4]))
        }
    }

    @Test("Chunks that come compressed are stored as they are, and plugins read them")
    func compressed() throws {
        guard let python = Shell.python(for: "compressed") else { return }
        var options = FileOptions()
        options.format = .nxmx
        options.imagesPerPart = 3
        options.filter = ChunkFilter(identifier: 32004, parameters: [0], name: "LZ4")
        let path = directory.file("lz4.h5")
        let writer = HDF5Writer(path: path, options: options)
        try writer.open(TestImages.run(format))
        for number in 0..<7 {
            let pixels = (0..<format.pixels).map { UInt16(TestImages.pattern(image: number, x: $0 % 16, y: $0 / 16)) }
            // The format of the filter for a block that did not get smaller.
            var chunk: [UInt8] = []
            for value in [0, format.bytes, format.bytes, format.bytes] {
                withUnsafeBytes(of: UInt32(value).bigEndian) { chunk += $0 }
            }
            pixels.withUnsafeBytes { chunk += $0 }
            try chunk.withUnsafeBytes { try writer.accept(ImageMetadata(id: UInt64(number)), chunk: $0) }
        }
        try writer.close()
        let script = """
            import sys, h5py, hdf5plugin, numpy
            with h5py.File(sys.argv[1]) as file:
                y, x = numpy.mgrid[:8, :16]
                stack = file["entry/data/data"]
                assert stack.shape == (7, 8, 16)
                for n in range(7):
                    assert (stack[n] == (1000 * n + 7 * y + x) % 251).all(), n
            with h5py.File(sys.argv[1].replace(".h5", "_000001.h5")) as file:
                filters = file["entry/data/data"].id.get_create_plist()
                assert filters.get_nfilters() == 1 and filters.get_filter(0)[0] == 32004, filters.get_filter(0)
                assert filters.get_filter(0)[3] == b"LZ4" and filters.get_filter(0)[2] == (0,)
            """
        let result = try Shell.run(python, ["-c", script, path])
        #expect(result.status == 0, "\(result.output)")
    }

    #if Compression
        @Test("What was compressed here is read back without a plugin, and damaged chunks are told", arguments: [nil, 3])
        func bitshuffle(level: Int?) throws {
            let codec: BitshuffleFilter.Codec = level.map { .zstd(level: $0) } ?? .lz4
            let filter = try BitshuffleFilter(elementBytes: 2, codec: codec)
            var options = FileOptions()
            options.filter = ChunkFilter(
                identifier: BitshuffleFilter.filterID, parameters: filter.parameters, name: "bitshuffle")
            let path = directory.file("packed.h5")
            let writer = HDF5Writer(path: path, options: options)
            try writer.open(TestImages.run(format))
            var compressor = try BitshuffleCompressor(filter)
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: filter.bound(for: format.bytes), alignment: 16)
            defer { chunk.deallocate() }
            for number in 0..<5 {
                let pixels = (0..<format.pixels).map { UInt16(TestImages.pattern(image: number, x: $0 % 16, y: $0 / 16)) }
                let count = try pixels.withUnsafeBytes { try compressor.compress($0.bytes, into: chunk) }
                // A length that lies.
                if number == 4 { chunk[7] ^= 1 }
                try writer.accept(ImageMetadata(id: UInt64(number)), chunk: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            }
            try writer.close()
            let file = try HDF5ImageFile(path: path)
            for image in 0..<4 {
                let values = try file.values(ofImage: image)
                #expect(
                    (0..<format.pixels).allSatisfy {
                        values[$0] == Double(TestImages.pattern(image: image, x: $0 % 16, y: $0 / 16))
                    })
            }
            #expect(throws: HDF5Error.self) { try file.values(ofImage: 4) }
            #expect(try file.verify().problems.map(\.image) == [4])
            // A process that has written nothing.
            let inspected = try Shell.run(Programs.daqctl, ["verify", path])
            #expect(inspected.status == 1 && inspected.output.contains("image number 4"), "\(inspected.output)")
        }
    #endif

    @Test("A run that is being written is not recovered, and one that is complete stays as it is")
    func recoverNothing() throws {
        let path = directory.file("busy.h5")
        let writer = HDF5Writer(path: path)
        try writer.open(TestImages.run(format))
        try writer.accept(TestImages.pattern(0, format, ImageMetadata(id: 0)))
        #expect(#expect(throws: HDF5Error.self) { try FileRecovery(path: path) }?.code == .locked)
        try writer.close()
        let result = try FileRecovery(path: path)
        #expect(result.images == 1 && result.parts.isEmpty)
        #expect(#expect(throws: HDF5Error.self) { try FileRecovery(path: directory.file("none.h5")) }?.code == .notFound)
    }

    @Test("Recovery leaves a part that cannot be read, and shows all others")
    func recoverAroundABadPart() throws {
        var options = FileOptions()
        options.mode = .swmr
        options.imagesPerPart = 4
        try write("run.h5", Array(0..<12), options)
        // Cut off, and as its writer has left it.
        let bad = directory.file("run_000002.h5")
        let file = open(bad, O_RDWR | O_CLOEXEC)
        var mark: UInt8 = 5
        #expect(pwrite(file, &mark, 1, 11) == 1 && ftruncate(file, 700) == 0)
        close(file)
        let result = try FileRecovery(path: directory.file("run.h5"))
        #expect(result.images == 8)
        #expect(result.parts.map(\.path) == [bad])
        #expect(result.parts.first?.problem != nil)
        #expect(try ids("run.h5") == [0, 1, 2, 3, 8, 9, 10, 11])
        // Not even marked.
        #expect(truncate(directory.file("run_000003.h5"), 100) == 0)
        #expect(try FileRecovery(path: directory.file("run.h5")).images == 4)
    }

    @Test("A filter is known to the library when whoever asked for it goes on, or that is an error each time")
    func filters() throws {
        // The library has 16 bits for them.
        let impossible = ChunkFilter(identifier: 70000, parameters: [], name: "impossible")
        for _ in 0..<2 { #expect(throws: HDF5Error.self) { try HDF5Filter.register(impossible, "x") } }
        for identifier in 40000..<40200 as Range<Int32> {
            let filter = ChunkFilter(identifier: identifier, parameters: [], name: "test")
            let unknown = Atomic(0)
            let threads = try (0..<2).map { _ in
                try DataThread(name: "filter") {
                    try? HDF5Filter.register(filter, "x")
                    if !HDF5Filter.isKnown(identifier) { unknown.add(1, ordering: .relaxed) }
                }
            }
            for thread in threads { thread.join() }
            #expect(unknown.load(ordering: .relaxed) == 0)
        }
    }

    @Test("Parts of another run are not taken for this one's")
    func foreignParts() throws {
        try write("run_000001.h5", [5])
        let writer = HDF5Writer(path: directory.file("run.h5"))
        let failure = #expect(throws: HDF5Error.self) { try writer.open(TestImages.run(format)) }
        #expect(failure?.code == .exists)
        #expect(failure?.description.contains("run_000001.h5") == true)
    }

    @Test("Pixels past the page cache are the same pixels", arguments: [(64, 32), (50, 41), (1030, 514)])
    func direct(width: Int, height: Int) throws {
        let format = ImageFormat(width: width, height: height, pixelType: .uint32)
        var options = FileOptions()
        options.bypassesPageCache = true
        let writer = HDF5Writer(path: directory.file("direct.h5"), options: options)
        try writer.open(TestImages.run(format))
        for number in 0..<70 { try writer.accept(TestImages.pattern(number, format, ImageMetadata(id: UInt64(number)))) }
        try writer.close()
        let file = try HDF5ImageFile(path: directory.file("direct.h5"))
        #expect(file.imageCount == 70)
        for image in [0, 1, 63, 69] {
            let values = try file.values(ofImage: image)
            #expect(
                (0..<format.pixels).allSatisfy {
                    values[$0] == Double(TestImages.pattern(image: image, x: $0 % width, y: $0 / width))
                })
        }
        #expect(try file.verify().isGood)
    }

    @Test("Exported pictures hold the values that the file holds")
    func export() throws {
        guard let python = Shell.python(for: "export") else { return }
        try write("run.h5", [3, 4])
        let file = try HDF5ImageFile(path: directory.file("run.h5"))
        for format in ExportFormat.allCases {
            try file.export(image: 1, as: format, to: directory.file("one.\(format.rawValue)"))
        }
        let script = """
            import sys, fabio, numpy
            from PIL import Image
            y, x = numpy.mgrid[:8, :16]
            want = (4000 + 7 * y + x) % 251
            for image in (Image.open(sys.argv[1] + "/one.png"), Image.open(sys.argv[1] + "/one.tiff")):
                values = numpy.asarray(image)
                assert values.shape == (8, 16) and (values == want).all(), values
            assert numpy.asarray(Image.open(sys.argv[1] + "/one.tiff")).dtype == "f4"
            assert (fabio.open(sys.argv[1] + "/one.tiff").data == want).all()
            """
        let result = try Shell.run(python, ["-c", script, directory.path])
        #expect(result.status == 0, "\(result.output)")
    }
}
