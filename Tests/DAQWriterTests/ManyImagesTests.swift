import DAQCore
import Glibc
import Testing

@testable import DAQWriter

/// Files of many small images: eight times as many take about eight times as long, not sixty-four times.
@Suite(.serialized) struct ManyImagesTests {
    private let directory: TemporaryDirectory
    // Large enough to have a place of their own in the file.
    private let format = ImageFormat(width: 64, height: 32, pixelType: .uint16)

    init() throws { directory = try TemporaryDirectory() }

    /// Seconds of a processor that something takes.
    private func cost(_ body: () throws -> Void) throws -> Double {
        let begin = clock()
        try body()
        return Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    }

    private func write(_ count: Int, to path: String, _ options: FileOptions = FileOptions()) throws {
        let writer = HDF5Writer(path: path, overwrite: true, options: options)
        try writer.open(TestImages.run(format))
        let images = (0..<7).map { TestImages.pattern($0, format, ImageMetadata(id: 0)) }
        for number in 0..<count {
            try images[number % 7].withBytes { span in
                Result {
                    try span.withUnsafeBytes { try writer.accept(ImageMetadata(id: UInt64(number)), chunk: $0) }
                }
            }.get()
        }
        try writer.close()
    }

    private func expectLinear(_ what: String, _ few: Double, _ many: Double) {
        print("\(what): \(few) s for 2,000 images, \(many) s for 16,000")
        #expect(many < 24 * max(few, 0.01), "\(what) takes \(few) s for 2,000 images and \(many) s for 16,000")
    }

    @Test("Reading back")
    func verified() throws {
        let costs = try [2000, 16000].map { count in
            let path = directory.file("\(count).h5")
            try write(count, to: path)
            return try cost {
                let isGood = try HDF5ImageFile(path: path).verify().isGood
                #expect(isGood)
            }
        }
        expectLinear("verify", costs[0], costs[1])
    }

    @Test("Recovering", arguments: FileMode.allCases)
    func recovered(mode: FileMode) throws {
        var options = FileOptions()
        options.mode = mode
        options.secondsPerPart = nil
        let costs = try [2000, 16000].map { count in
            let path = directory.file("\(count).h5")
            try write(count, to: path, options)
            return try cost {
                let images = try FileSalvage.complete(path)
                #expect(images == count)
            }
        }
        expectLinear("recover, \(mode)", costs[0], costs[1])
    }

    @Test("Writing past the page cache")
    func direct() throws {
        var options = FileOptions()
        options.bypassesPageCache = true
        options.secondsPerPart = nil
        let costs = try [2000, 16000].map { count in
            let path = directory.file("\(count).h5")
            return try cost { try write(count, to: path, options) }
        }
        expectLinear("direct", costs[0], costs[1])
    }

    @Test("Pixels past the page cache are at their places, also between what the library stores beside them")
    func places() throws {
        // As large as images that begin with a page, and in memory that does.
        let format = ImageFormat(width: 256, height: 128, pixelType: .uint16)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: format.bytes, alignment: 4096)
        defer { memory.deallocate() }
        let checksums = try [true, false].map { bypasses in
            var options = FileOptions()
            options.bypassesPageCache = bypasses
            let path = directory.file("\(bypasses).h5")
            let writer = HDF5Writer(path: path, options: options)
            try writer.open(TestImages.run(format))
            for number in 0..<400 {
                memory.initializeMemory(as: UInt16.self, repeating: UInt16(number))
                var metadata = ImageMetadata(id: UInt64(number))
                metadata.annotations = [Annotation("remark", .text(String(repeating: "\(number) ", count: 50)))]
                try writer.accept(metadata, chunk: UnsafeRawBufferPointer(memory))
            }
            try writer.close()
            let result = try HDF5ImageFile(path: path).verify()
            #expect(result.isGood, "\(result.problems)")
            return result.checksums
        }
        #expect(checksums[0] == checksums[1])
    }
}
