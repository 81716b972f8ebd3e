import CDAQBench
import DAQCore
import DAQWriter
import Glibc

/// Images into a file, against bare writes of the same bytes to the same file system, alternately.
struct WritingBenchmark {
    let name: String
    let statement: String
    /// Folder of the file system.
    let folder: String
    let bypassesPageCache: Bool
    let imageBytes: Int
    let images: Int
    let repetitions: Int
    let target: Double

    func run() throws -> [any ResultLine] {
        let format = ImageFormat(width: 1024, height: imageBytes / 2048, pixelType: .uint16)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: imageBytes, alignment: 4096)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 7)
        let bytes = UnsafeRawBufferPointer(memory)
        guard let address = bytes.baseAddress else { throw BenchmarkFailure("out of memory") }
        let run = RunDescription(configuration: Detectors.jungfrau(modules: 1, port: 30000), format: format)
        let path = "\(folder)/daq-bench-\(getpid()).h5"
        defer { unlink(path) }
        var options = FileOptions()
        options.bypassesPageCache = bypassesPageCache
        var ours: [Double] = []
        var bare: [Double] = []
        var load: [Double] = []
        for repetition in 0..<repetitions + 1 {
            // The time from the first image to the last: creating and completing a file is not what is compared.
            let writer = HDF5Writer(path: path, overwrite: true, options: options)
            try writer.open(run)
            try writer.accept(ImageMetadata(id: 0), chunk: bytes)
            let begin = bench_time()
            let beginCPU = bench_thread_time()
            for image in 1...images { try writer.accept(ImageMetadata(id: UInt64(image)), chunk: bytes) }
            let mine = Double(bench_time() - begin) / 1e9
            let cpu = Double(bench_thread_time() - beginCPU) / 1e9
            try writer.close()
            unlink(path)

            let theirs = bench_write_file(path, address, imageBytes, 1, Int32(images), bypassesPageCache ? 1 : 0)
            unlink(path)
            guard theirs > 0 else { throw BenchmarkFailure("cannot write \(path) with plain writes") }
            if repetition > 0 {
                ours.append(Double(imageBytes * images) / mine / 1e9)
                bare.append(Double(imageBytes * images) / theirs / 1e9)
                load.append(cpu / mine)
            }
        }
        return [
            Measurement(
                name: name, statement: statement + "; \(Int((median(load) * 100).rounded())) % of a processor", unit: "GB/s",
                ours: median(ours), roofline: median(bare), ratio: median(zip(ours, bare).map { $0 / $1 }), goal: .atLeast(target)
            )
        ]
    }
}
