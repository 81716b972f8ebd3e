#if LIBFUZZER
    import DAQFuzzing
    import Glibc

    /// The target that the environment names, since libFuzzer has one entry point and its own arguments; `list` lists them.
    private let target: FuzzTarget = {
        let name = getenv("DAQ_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        if name == "list" {
            FuzzTarget.list()
            fflush(nil)
            // libFuzzer takes a plain exit for a failure of the target.
            _exit(0)
        }
        guard let target = FuzzTarget.named(name) else {
            StandardError.write("DAQ_FUZZ_TARGET is \"\(name)\", not one of \(FuzzTarget.all.map(\.name))")
            exit(2)
        }
        return target
    }()

    /// What libFuzzer calls for every input.
    @c(LLVMFuzzerTestOneInput)
    public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        target.run(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }
#endif
