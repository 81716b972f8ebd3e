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

    /// Loads it from the folder that `DAQ_BENCH_BITSHUFFLE` names; `nil`, with a line on standard error, when it is not there.
    init?(_ build: Build, for name: String) {
        guard let folder = getenv("DAQ_BENCH_BITSHUFFLE") else {
            Self.skip(name, "DAQ_BENCH_BITSHUFFLE is not set; scripts/bench builds the library and sets it")
            return nil
        }
        let path = "\(String(cString: folder))/\(build.rawValue).so"
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let compress = dlsym(library, "bshuf_compress_lz4"),
            let decompress = dlsym(library, "bshuf_decompress_lz4")
        else {
            Self.skip(name, "\(path) does not load: \(dlerror().map { String(cString: $0) } ?? "")")
            return nil
        }
        self.compress = unsafeBitCast(compress, to: Function.self)
        self.decompress = unsafeBitCast(decompress, to: Function.self)
    }

    private static func skip(_ name: String, _ reason: String) {
        let line = Array("SKIPPED \(name): \(reason)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
