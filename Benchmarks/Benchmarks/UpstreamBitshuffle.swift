import Glibc

/// The bitshuffle library by its authors, built by scripts/bench for these comparisons alone.
struct UpstreamBitshuffle {
    /// Flags that it was built with, as the name of the file.
    enum Build: String {
        /// What its own setup takes: everything that this processor has.
        case native
        /// What a distribution can take: x86-64 as it began.
        case baseline
    }

    typealias Function = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int) -> Int64

    let compress: Function
    let decompress: Function

    /// Loads it from the folder that `DAQ_BENCH_BITSHUFFLE` names.
    init(_ build: Build) throws(BenchmarkFailure) {
        guard let folder = getenv("DAQ_BENCH_BITSHUFFLE") else {
            throw BenchmarkFailure(
                "there is nothing to compare with: DAQ_BENCH_BITSHUFFLE is not set; scripts/bench builds the library and sets it")
        }
        let path = "\(String(cString: folder))/\(build.rawValue).so"
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let compress = dlsym(library, "bshuf_compress_lz4"),
            let decompress = dlsym(library, "bshuf_decompress_lz4")
        else {
            throw BenchmarkFailure("\(path) does not load: \(dlerror().map { String(cString: $0) } ?? "no reason is known")")
        }
        self.compress = unsafeBitCast(compress, to: Function.self)
        self.decompress = unsafeBitCast(decompress, to: Function.self)
    }
}
