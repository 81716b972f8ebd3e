import CDAQBench
import DAQCore
import DAQWriter
import Glibc

/// What it costs to store numbers beside the pixels: images with 17 such datasets against images with one, alternately.
struct MetadataBenchmark {
    func run() throws -> [any ResultLine] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        let bytes = UnsafeRawBufferPointer(memory)
        var many = ImageMetadata(id: 0)
        many.annotations = (0..<8).map { Annotation("value \($0)", .integer($0)) }
        var costs: [Double] = []
        for repetition in 0..<6 {
            let full = try time(.stack, many, bytes)
            let bare = try time(.stdDAQ, ImageMetadata(id: 0), bytes)
            if repetition > 0 { costs.append(full - bare) }
        }
        return [
            Measurement(
                name: "write-metadata", statement: "CPU time of 16 more datasets an image / 1 microsecond", unit: "µs/image",
                ours: median(costs), roofline: 1, ratio: median(costs), goal: .atMost(1))
        ]
    }

    /// Microseconds an image.
    private func time(_ format: FileFormat, _ metadata: ImageMetadata, _ bytes: UnsafeRawBufferPointer) throws -> Double {
        let images = 50_000
        let path = "/dev/shm/daq-bench-\(getpid()).h5"
        defer { unlink(path) }
        var options = FileOptions()
        options.format = format
        let writer = HDF5Writer(path: path, overwrite: true, options: options)
        try writer.open(
            RunDescription(
                configuration: Detectors.jungfrau(modules: 1, port: 30000),
                format: ImageFormat(width: 16, height: 1, pixelType: .uint8)))
        let begin = bench_thread_time()
        for image in 0..<images {
            var metadata = metadata
            metadata.id = UInt64(image)
            try writer.accept(metadata, chunk: bytes)
        }
        let elapsed = Double(bench_thread_time() - begin) / 1000 / Double(images)
        try writer.close()
        return elapsed
    }
}
