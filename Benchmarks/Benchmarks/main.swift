import CDAQBench

// Receiving and placing run on the second processor, senders of their own on the first.
_ = bench_pin(1)
bench_line_buffered()
let words = Set(CommandLine.arguments.dropFirst())
for benchmark in Benchmark.all {
    if words.contains("--list") {
        print(benchmark.name)
    } else if words.isEmpty || words.contains(benchmark.name) {
        if let measurement = try benchmark.run() { print(measurement.json) }
    }
}
