import DAQCore
import DAQWriter
import Glibc
import Testing

@Suite(.serialized) struct HDF5WriterTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func metadata(_ number: Int) -> ImageMetadata {
        var metadata = ImageMetadata(id: UInt64(100 + number))
        metadata.segment = 0
        metadata.pulseID = UInt64(5000 + number)
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
}
