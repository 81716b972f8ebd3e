import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite(.serialized) struct HDF5WriterTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func metadata(_ number: Int) -> ImageMetadata {
        var metadata = ImageMetadata(id: UInt64(100 + number))
        metadata.segment = 0
        metadata.pulseID = UInt64(5000 + number)
        metadata.chainRevision = 3
        metadata.detectorTimestamp = UInt64(10 * number)
        metadata.receivedAt = 1_700_000_000_000_000_000 + UInt64(number)
        return metadata
    }

    private func write(_ images: Int, _ format: ImageFormat, to path: String, full: Bool = false) throws -> HDF5Writer {
        let writer = HDF5Writer(path: path, configurationText: #"{"detector_name": "test-detector"}"#)
        try writer.open(TestImages.run(format))
        for number in 0..<images {
            var metadata = metadata(number)
            if full, number == 3 {
                metadata.status = .missingPackets
                var packets = PacketSet(0..<3)
                packets.insert(511)
                metadata.missing = [
                    MissingPackets(port: 1, packets: packets), MissingPackets(port: 2, packets: PacketSet(7..<8)),
                ]
            }
            if full, number > 0 {
                metadata.annotations = [
                    Annotation("hits", .integer(Int64(number))), Annotation("mean", .number(Double(number) / 2)),
                    Annotation("is_hit", .flag(number % 2 == 1)), Annotation("remark", .text("Bild \(number) ✓")),
                    Annotation("path/to/x", .flag(true)),
                ]
            }
            try writer.accept(TestImages.pattern(number, format, metadata))
        }
        try writer.close()
        return writer
    }

    @Test("h5py, silx, nexusformat and fabio read every pixel and every column", arguments: PixelType.allCases)
    func independentReaders(type: PixelType) throws {
        let path = directory.file("stack.h5")
        let writer = try write(7, ImageFormat(width: 64, height: 48, pixelType: type), to: path, full: true)
        #expect(writer.written.path == path)
        #expect(writer.written.images == 7)
        #expect(writer.written.bytes == 7 * 64 * 48 * type.bytes)
        guard let python = Shell.python(for: "independentReaders") else { return }
        let result = try Shell.check(python, "check_image_file.py", [path, "7", type.rawValue, "full"])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("One image is one image, and none is a valid file with no images", arguments: [0, 1, 2, 1024, 1025])
    func sizes(images: Int) throws {
        let path = directory.file("sizes.h5")
        _ = try write(images, ImageFormat(width: 16, height: 8, pixelType: .uint16), to: path)
        guard let python = Shell.python(for: "sizes") else { return }
        let result = try Shell.check(python, "check_image_file.py", [path, "\(images)", "uint16"])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("An existing file is replaced only when that is asked for")
    func overwriting() throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        let path = directory.file("once.h5")
        _ = try write(2, format, to: path)
        let failure = #expect(throws: HDF5Error.self) { try HDF5Writer(path: path).open(TestImages.run(format)) }
        #expect(failure?.code == .exists)
        #expect(try HDF5ImageFile(path: path).imageCount == 2)

        let writer = HDF5Writer(path: path, overwrite: true)
        try writer.open(TestImages.run(format))
        try writer.accept(TestImages.pattern(0, format, metadata(0)))
        try writer.close()
        #expect(try HDF5ImageFile(path: path).imageCount == 1)
    }

    @Test("A path that cannot be created is explained")
    func badPaths() throws {
        let run = TestImages.run(ImageFormat(width: 16, height: 8, pixelType: .uint16))
        func failure(_ path: String, overwrite: Bool = false) -> HDF5Error? {
            #expect(throws: HDF5Error.self) { try HDF5Writer(path: path, overwrite: overwrite).open(run) }
        }
        #expect(failure("")?.code == .notFound)
        #expect(failure(directory.file("missing/file.h5"))?.code == .notFound)
        #expect(failure(directory.path)?.code == .wrongKind)
        #expect(failure(directory.path, overwrite: true)?.code == .wrongKind)
        #expect(failure("/dev/null/file.h5")?.code == .wrongKind)
    }

    @Test("A file that another writer has open is not touched")
    func locked() throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        let path = directory.file("busy.h5")
        let first = HDF5Writer(path: path)
        try first.open(TestImages.run(format))
        try first.accept(TestImages.pattern(0, format, metadata(0)))
        #expect(throws: HDF5Error.self) { try HDF5Writer(path: path, overwrite: true).open(TestImages.run(format)) }
        try first.close()
        #expect(try HDF5ImageFile(path: path).imageCount == 1)
    }

    @Test("Calls out of order are errors, and closing twice is none")
    func order() throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        let writer = HDF5Writer(path: directory.file("order.h5"))
        #expect(throws: HDF5Error.self) { try writer.accept(TestImages.pattern(0, format, metadata(0))) }
        try writer.close()
        try writer.open(TestImages.run(format))
        #expect(throws: HDF5Error.self) { try writer.open(TestImages.run(format)) }
        let other = ImageFormat(width: 8, height: 16, pixelType: .uint16)
        let failure = #expect(throws: HDF5Error.self) { try writer.accept(TestImages.pattern(0, other, metadata(0))) }
        #expect(failure?.description.contains("8 x 16") == true)
        try writer.accept(TestImages.pattern(0, format, metadata(0)))
        try writer.close()
        try writer.close()
        #expect(try HDF5ImageFile(path: directory.file("order.h5")).imageCount == 1)
    }

    @Test("A stage cannot fill the file with names, and a name is stored once an image")
    func annotationLimits() throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint8)
        let writer = HDF5Writer(path: directory.file("names.h5"))
        try writer.open(TestImages.run(format))
        var metadata = metadata(0)
        metadata.annotations = (0..<300).map { Annotation("name \($0)", .integer(1)) } + [Annotation("name 0", .integer(2))]
        try writer.accept(TestImages.pattern(0, format, metadata))
        metadata.annotations = [Annotation("name 1", .text("other kind"))]
        try writer.accept(TestImages.pattern(1, format, metadata))
        try writer.close()
        #expect(writer.written.droppedAnnotations == 300 - 256 + 1 + 1)
    }

    @Test("Images are flushed in time although no more images come", arguments: FileMode.allCases)
    func pause(mode: FileMode) throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        var options = FileOptions()
        options.mode = mode
        options.secondsPerPart = 1
        let writer = HDF5Writer(path: directory.file("pause.h5"), options: options)
        try writer.open(TestImages.run(format))
        for number in 0..<3 { try writer.accept(TestImages.pattern(number, format, metadata(number))) }
        for _ in 0..<600 where writer.written.flushed < 3 { usleep(50_000) }
        #expect(writer.written.flushed == 3)
        try writer.accept(TestImages.pattern(3, format, metadata(3)))
        #expect(throws: HDF5Error.self) {
            try [UInt8](repeating: 0, count: 7).withUnsafeBytes { try writer.accept(metadata(4), chunk: $0) }
        }
        try writer.close()
        #expect(try HDF5ImageFile(path: directory.file("pause.h5")).imageCount == 4)
    }

    @Test("While parts are written, the file of the run's name shows those that are complete")
    func parts() throws {
        let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)
        let path = directory.file("running.h5")
        var options = FileOptions()
        options.imagesPerPart = 100
        let writer = HDF5Writer(path: path, options: options)
        try writer.open(TestImages.run(format))
        #expect(try HDF5ImageFile(path: path).imageCount == 0)
        for number in 0..<1050 { try writer.accept(TestImages.pattern(number, format, metadata(number))) }
        // Up to two parts may still be on their way to the disk.
        let flushed = writer.written.flushed
        #expect(flushed >= 700 && flushed % 100 == 0)
        let file = try HDF5ImageFile(path: path)
        #expect(file.imageCount >= flushed)
        for image in [0, 99, 100, 699] {
            #expect(try file.values(ofImage: image)[17] == Double(TestImages.pattern(image: image, x: 1, y: 1)))
        }
        try writer.close()
        #expect(writer.written.flushed == 1050)
        #expect(try HDF5ImageFile(path: path).index().columns["frame_id"] == (0..<1050).map { 100 + UInt64($0) })
    }
}
