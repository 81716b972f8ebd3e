import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite(.serialized) struct HDF5ImageFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(
        _ path: String, _ format: ImageFormat, _ images: [Image], configure: (inout DetectorConfiguration) -> Void = { _ in }
    ) throws {
        let run = TestImages.run(format)
        var configuration = run.configuration
        configure(&configuration)
        let writer = HDF5Writer(path: path)
        try writer.open(RunDescription(configuration: configuration, format: format))
        for image in images { try writer.accept(image) }
        try writer.close()
    }

    @Test("Shape, type, sums and limits are exact", arguments: PixelType.allCases)
    func statistics(type: PixelType) throws {
        let format = ImageFormat(width: 30, height: 20, pixelType: type)
        let path = directory.file("sums.h5")
        try write(path, format, (0..<3).map { TestImages.pattern($0, format, ImageMetadata(id: UInt64($0))) })
        let file = try HDF5ImageFile(path: path)
        #expect(file.imageCount == 3 && file.width == 30 && file.height == 20)
        #expect(file.pixelType == type && file.stackPath == "entry/data/data")
        #expect(file.chunk == [1, 20, 30] && file.filters.isEmpty)
        let values = (0..<600).map { TestImages.pattern(image: 2, x: $0 % 30, y: $0 / 30) }
        let statistics = try file.statistics(ofImage: 2)
        let sum = values.reduce(0, +)
        #expect(statistics.sum == (type == .float32 ? .real(Double(sum)) : .integer(Int128(sum))))
        #expect(statistics.validSum == statistics.sum && statistics.invalidPixels == 0)
        #expect(statistics.minimum?.description == (type == .float32 ? "\(Double(values.min() ?? 0))" : "\(values.min() ?? 0)"))
        #expect(statistics.maximum?.description == (type == .float32 ? "\(Double(values.max() ?? 0))" : "\(values.max() ?? 0)"))
        #expect(try file.values(ofImage: 2) == values.map { Double($0) })
        #expect(try file.bytes(ofImage: 2).count == format.bytes)
        let failure = #expect(throws: HDF5Error.self) { try file.statistics(ofImage: 3) }
        #expect(failure?.code == .notFound)
        #expect(throws: HDF5Error.self) { try file.statistics(ofImage: -1) }
    }

    @Test("Pixels without a measurement are counted and left out of the limits")
    func invalidPixels() throws {
        let path = directory.file("invalid.h5")
        let format = ImageFormat(width: 4, height: 1, pixelType: .uint32)
        try write(path, format, [TestImages.image(ImageMetadata(id: 0), format, [3, UInt32.max, 1, UInt32.max] as [UInt32])])
        let statistics = try HDF5ImageFile(path: path).statistics(ofImage: 0)
        #expect(statistics.sum == .integer(4 + 2 * Int128(UInt32.max)))
        #expect(statistics.validSum == .integer(4) && statistics.invalidPixels == 2)
        #expect(statistics.minimum == .integer(1) && statistics.maximum == .integer(3))

        let floats = directory.file("nan.h5")
        let floatFormat = ImageFormat(width: 4, height: 1, pixelType: .float32)
        try write(
            floats, floatFormat, [TestImages.image(ImageMetadata(id: 0), floatFormat, [1.5, .nan, -2, .nan] as [Float])])
        let real = try HDF5ImageFile(path: floats).statistics(ofImage: 0)
        #expect(real.sum == .real(-0.5) && real.nanPixels == 2 && real.invalidPixels == 2)
        #expect(real.minimum == .real(-2) && real.maximum == .real(1.5))
    }

    @Test("Gaps are told by segment and step")
    func gaps() throws {
        let format = ImageFormat(width: 4, height: 2, pixelType: .uint8)
        let ids: [(UInt32, UInt64)] = [(0, 10), (0, 12), (0, 20), (1, 4), (1, 6), (1, 10)]
        let path = directory.file("gaps.h5")
        let images = ids.map { segment, id in
            var metadata = ImageMetadata(id: id)
            metadata.segment = segment
            metadata.status = id == 12 ? .missingPackets : .good
            return TestImages.pattern(0, format, metadata)
        }
        try write(path, format, images) { $0.imageIDStep = 2 }
        let index = try HDF5ImageFile(path: path).index()
        #expect(
            index.gaps == [
                ImageIndex.Gap(segment: 0, first: 14, last: 18, count: 3),
                ImageIndex.Gap(segment: 1, first: 8, last: 8, count: 1),
            ])
        #expect(index.missingImages == 4 && index.disorder == 0)
        #expect(index.statusCounts == [1: 5, 2: 1])
        #expect(index.columns["frame_id"] == ids.map(\.1))
    }

    @Test("The structure names everything, and links are not followed")
    func structure() throws {
        let format = ImageFormat(width: 4, height: 2, pixelType: .uint8)
        let path = directory.file("structure.h5")
        try write(path, format, [TestImages.pattern(0, format, ImageMetadata(id: 1))])
        let structure = try HDF5ImageFile(path: path).structure()
        #expect(structure.attributes == ["default": "entry"])
        let text = structure.text
        for line in [
            "      data (1, 2, 4) uint8", "@interpretation = image", "@axes = [frame_id, ., .]", "@signal = data",
            "program_name text = swift-daq", "data -> /entry/data/data", "@NX_class = NXdetector",
            "missing_packet_ranges (0) compound",
        ] {
            #expect(text.contains(line), "\(line) is not in\n\(text)")
        }
    }

    @Test("Files of others: another place, compressed, a group in itself, no images")
    func foreignFiles() throws {
        guard let python = Shell.python(for: "foreignFiles") else { return }
        let script = """
            import sys, h5py, numpy
            with h5py.File(sys.argv[1] + "/other.h5", "w") as file:
                file["small"] = numpy.zeros((2, 2, 2))
                stack = numpy.arange(3 * 40 * 50, dtype=">i8").reshape(3, 40, 50) * -(10 ** 12)
                file.create_dataset("run/JF01/images", data=stack, compression="gzip", chunks=(2, 40, 50))
                file["run/again"] = file["run"]
                file["broken"] = h5py.SoftLink("/nowhere")
                file["elsewhere"] = h5py.ExternalLink("none.h5", "/x")
                file["run"].attrs["text"] = ["a", "ü"]
                file["run"].attrs["fixed"] = numpy.bytes_(b"fixed")
                file["run"].attrs["flag"] = True
                file["run"].attrs["compound"] = numpy.zeros(2, dtype=[("a", "i4")])
                file["run"].attrs["long"] = numpy.arange(1000)
            with h5py.File(sys.argv[1] + "/none.h5", "w") as file:
                file["flat"] = numpy.zeros((5, 5))
            with h5py.File(sys.argv[1] + "/text.h5", "w") as file:
                file["entry/data/data"] = numpy.full((1, 1, 1), b"x")
            with h5py.File(sys.argv[1] + "/huge.h5", "w") as file:
                file.create_dataset("entry/data/data", (5, 2 ** 30, 2 ** 30), "u4", chunks=(1, 16, 16))
            with h5py.File(sys.argv[1] + "/flat.h5", "w") as file:
                file["entry/data/data"] = numpy.zeros((5, 5))
            """
        let made = try Shell.run(python, ["-c", script, directory.path])
        try #require(made.status == 0, "\(made.output)")

        let file = try HDF5ImageFile(path: directory.file("other.h5"))
        #expect(file.stackPath.hasSuffix("JF01/images"))
        #expect(file.imageCount == 3 && file.elementType == "int64" && file.filters == ["deflate"])
        let sum = (2000..<4000).reduce(Int128(0)) { $0 + Int128($1) } * -1_000_000_000_000
        #expect(try file.statistics(ofImage: 1).sum == .integer(sum))
        #expect(try file.index().columns.isEmpty)
        let text = try file.structure().text
        for line in [
            "@text = [a, ü]", "@fixed = fixed", "@flag = 1", "broken -> /nowhere", "elsewhere -> another file", "@long = [0, 1",
        ] {
            #expect(text.contains(line), "\(line) is not in\n\(text)")
        }
        func failure(_ name: String) -> HDF5Error? {
            #expect(throws: HDF5Error.self) { try HDF5ImageFile(path: directory.file(name)).statistics(ofImage: 0) }
        }
        #expect(failure("none.h5")?.code == .notFound)
        #expect(failure("text.h5")?.code == .mismatch)
        #expect(failure("huge.h5")?.description.contains("too many") == true)
        #expect(failure("flat.h5")?.code == .notFound)
    }

    @Test("Missing, empty, foreign and cut-off files are errors that say so")
    func badFiles() throws {
        let format = ImageFormat(width: 64, height: 64, pixelType: .uint16)
        let path = directory.file("good.h5")
        try write(path, format, (0..<20).map { TestImages.pattern($0, format, ImageMetadata(id: UInt64($0))) })
        let bytes = try #require(fopen(path, "r"))
        defer { fclose(bytes) }
        var content = [UInt8](repeating: 0, count: 1 << 20)
        content.removeLast(content.count - fread(&content, 1, content.count, bytes))

        func code(_ content: [UInt8]) throws -> HDF5Error.Code? {
            let name = directory.file("bad.h5")
            let file = try #require(fopen(name, "w"))
            fwrite(content, 1, content.count, file)
            fclose(file)
            return #expect(throws: HDF5Error.self) { _ = try HDF5ImageFile(path: name) }?.code
        }
        #expect(try code([]) == .notHDF5)
        #expect(try code(Array("no HDF5 file, but long enough to hold a signature somewhere".utf8)) == .notHDF5)
        #expect(try code(Array(content[..<(content.count / 2)])) == .damaged)
        #expect(#expect(throws: HDF5Error.self) { _ = try HDF5ImageFile(path: directory.file("absent.h5")) }?.code == .notFound)
        #expect(#expect(throws: HDF5Error.self) { _ = try HDF5ImageFile(path: directory.path) }?.code == .wrongKind)
    }

    @Test("A file cut off anywhere is an error that says so")
    func cutAnywhere() throws {
        let format = ImageFormat(width: 8, height: 8, pixelType: .uint16)
        let path = directory.file("cut.h5")
        try write(path, format, (0..<5).map { TestImages.pattern($0, format, ImageMetadata(id: UInt64($0))) })
        var status = stat()
        #expect(stat(path, &status) == 0)
        // From the end to the beginning, since each cut makes the file shorter.
        for length in stride(from: Int(status.st_size) - 1, through: 0, by: -97) {
            #expect(truncate(path, length) == 0)
            let failure = #expect(throws: HDF5Error.self) { _ = try HDF5ImageFile(path: path) }
            #expect(failure?.code == .damaged || failure?.code == .notHDF5, "\(length): \(failure?.description ?? "")")
        }
    }
}
