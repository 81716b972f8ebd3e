#if !LIBFUZZER
    import DAQFuzzing
    import Glibc

    /// Runs a target with the seeded mutator of this package, and writes the kept seeds.
    ///
    ///     daq-fuzz list
    ///     daq-fuzz seeds FOLDER
    ///     daq-fuzz run TARGET SECONDS SEED INPUT-FILE [FILE...]
    ///
    /// Each input is in INPUT-FILE while it runs, so it is there after a crash.
    @main
    enum SeededFuzzer {
        static func main() {
            let words = Array(CommandLine.arguments.dropFirst())
            switch words.first {
            case "list" where words.count == 1: FuzzTarget.list()
            case "seeds" where words.count == 2:
                for target in FuzzTarget.all {
                    mkdir("\(words[1])/\(target.name)", 0o755)
                    for seed in target.seeds() {
                        let name = seed.name.replacing(" ", with: "-")
                        InputFile.write(seed.bytes, to: "\(words[1])/\(target.name)/\(name)")
                    }
                }
            case "run" where words.count >= 5:
                guard let target = FuzzTarget.named(words[1]), let seconds = Double(words[2]), let seed = UInt64(words[3]) else {
                    fail()
                }
                run(target, seconds: seconds, seed: seed, current: words[4], corpus: words[5...].map(InputFile.read))
            default: fail()
            }
        }

        private static func run(_ target: FuzzTarget, seconds: Double, seed: UInt64, current: String, corpus: [[UInt8]]) {
            print("\(target.name): seed \(seed), \(corpus.count) files")
            let kept = InputFile(path: current, capacity: target.maximumBytes)
            var mutator = Mutator(seed: seed, corpus: corpus, maximumBytes: target.maximumBytes)
            let start = ContinuousClock.now
            var runs = 0
            func handle(_ bytes: [UInt8]) {
                kept.store(bytes)
                bytes.withUnsafeBytes(target.run)
                runs += 1
            }
            for bytes in corpus where bytes.count <= target.maximumBytes { handle(bytes) }
            while ContinuousClock.now - start < .seconds(seconds) { handle(mutator.input()) }
            print("\(target.name): \(runs) runs in \(ContinuousClock.now - start)")
            unlink(current)
        }

        private static func fail() -> Never {
            StandardError.write("usage: daq-fuzz list | seeds FOLDER | run TARGET SECONDS SEED INPUT-FILE [FILE...]")
            exit(2)
        }
    }
#endif
