import DAQCore
import DAQFuzzing
import DAQWriter
import Glibc
import Testing

/// Files whose structure is damaged, or was made to do harm, as the commands that read files meet them.
@Suite(.serialized) struct HostileFileTests {
    private let directory: TemporaryDirectory
    private let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)

    init() throws { directory = try TemporaryDirectory() }

    private func whole(_ options: FileOptions) throws -> [UInt8] {
        let path = directory.file("whole.h5")
        let writer = HDF5Writer(path: path, overwrite: true, options: options)
        try writer.open(TestImages.run(format))
        for number in 0..<5 {
            var metadata = ImageMetadata(id: UInt64(number))
            metadata.annotations = [Annotation("hits", .integer(7)), Annotation("remark", .text("number \(number)"))]
            try writer.accept(TestImages.pattern(number, format, metadata))
        }
        try writer.close()
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var status = stat()
        try #require(fstat(fileno(file), &status) == 0)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        try #require(fread(&bytes, 1, bytes.count, file) == bytes.count)
        return bytes
    }

    private func store(_ bytes: ArraySlice<UInt8>, _ name: String) throws -> String {
        let path = directory.file(name)
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let count = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        try #require(count == bytes.count)
        return path
    }

    /// Changes a few bytes, mostly such that mean something; now and then the file is cut off as well.
    private func damage(_ bytes: [UInt8], _ random: inout Mutator) -> ArraySlice<UInt8> {
        var bytes = bytes
        let meaningful = bytes.indices.filter { bytes[$0] != 0 }
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let anywhere = Int.random(in: bytes.indices, using: &random)
            let place =
                Int.random(in: 0..<8, using: &random) == 0 ? anywhere : meaningful.randomElement(using: &random) ?? anywhere
            let values: [UInt8] = [
                0, 1, 0x7F, 0x80, 0xFF, bytes[place] &+ 1, bytes[place] ^ 8, UInt8.random(in: 0...255, using: &random),
            ]
            bytes[place] = values.randomElement(using: &random) ?? 0
        }
        let end = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: bytes.indices, using: &random) : bytes.count
        return bytes[..<end]
    }

    @Test("Damaged files end in an error or a result, never in a signal or without an end", arguments: FileMode.allCases)
    func damaged(mode: FileMode) throws {
        let first = UInt64(Programs.variable("DAQ_TEST_SEED") ?? "") ?? 0
        let count = UInt64(Programs.variable("DAQ_TEST_DAMAGES") ?? "") ?? 60
        var options = FileOptions()
        options.mode = mode
        options.format = .nxmx
        let whole = try whole(options)
        var refused = 0
        for seed in first..<first + count {
            var random = Mutator(seed: seed, corpus: [], maximumBytes: 0)
            let path = try store(damage(whole, &random), "damaged.h5")
            for command in ["inspect", "verify"] {
                let result = try Shell.run(Programs.daqctl, [command, path])
                #expect(
                    [0, 1].contains(result.status),
                    "seed \(seed), \(mode): daqctl \(command) ends with \(result.status): \(result.output.suffix(500))")
                guard result.status == 1 else { continue }
                refused += 1
                #expect(result.output.contains("daqctl \(command): "), "seed \(seed), \(mode): \(result.output.suffix(500))")
            }
        }
        print("seeds \(first) to \(first + count - 1), \(mode): \(refused) of \(2 * count) refused")
        #expect(refused > 0)
    }

    @Test("A file on which the library does not come to an end is left alone after a while, by every command")
    func endless() throws {
        let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = "/\(package)/Fuzz/Files/endless-heap.h5"
        let copy = directory.file("endless.h5")
        let pictures = directory.file("pictures")
        try #require(mkdir(pictures, 0o755) == 0)
        let commands = [
            ["inspect", copy], ["verify", copy], ["export", copy, "--tiff", pictures], ["recover", copy],
            ["gather", directory.file("all.h5"), copy],
        ]
        for words in commands {
            try #require(try Shell.run("/bin/cp", [file, copy]).status == 0)
            let result = try Shell.run("/usr/bin/env", ["DAQ_PATIENCE=1", "/usr/bin/timeout", "60", Programs.daqctl] + words)
            #expect(result.status == 1, "\(words[0]) ends with \(result.status): \(result.output.suffix(500))")
            #expect(result.output.contains("daqctl \(words[0]): "), "\(result.output.suffix(500))")
            #expect(result.output.contains("does not come to an end"), "\(result.output.suffix(500))")
        }
    }
}
