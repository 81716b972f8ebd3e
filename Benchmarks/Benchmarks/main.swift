import CDAQBench

// Receiving and placing run on the second processor, senders of their own on the first.
_ = bench_pin(1)
bench_line_buffered()
let wanted = Set(CommandLine.arguments.dropFirst())
for benchmark in Benchmark.all where wanted.isEmpty || wanted.contains(benchmark.name) {
    print(try benchmark.run().json)
}
