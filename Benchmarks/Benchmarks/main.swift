import CDAQBench
import Glibc

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--ring-reader" {
    // A process of the benchmark `ring-readers`.
    try RingBenchmark.read(CommandLine.arguments[2])
    exit(0)
}
// Receiving and placing run on the second processor, senders of their own on the first.
_ = bench_pin(1)
bench_line_buffered()
let words = Set(CommandLine.arguments.dropFirst())
for benchmark in Benchmark.all {
    if words.contains("--list") {
        print(benchmark.name)
    } else if words.isEmpty || words.contains(benchmark.name) {
        print(try benchmark.run().json)
    }
}
