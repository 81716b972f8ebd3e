import CDAQBench

// daq-bench [--list] [--seconds N] [NAME...]: prints a JSON object for each line of results, of all benchmarks or of those whose
// names begin with one of the words.

// Receiving and placing run on the second processor, senders of their own on the first.
_ = bench_pin(1)
bench_line_buffered()
var words = Array(CommandLine.arguments.dropFirst())
var seconds = 5.0
if let option = words.firstIndex(of: "--seconds"), option + 1 < words.count, let value = Double(words[option + 1]), value >= 1 {
    seconds = value
    words.removeSubrange(option...option + 1)
}
let isList = words.contains("--list")
words.removeAll { $0 == "--list" }
for benchmark in Benchmark.all(seconds: seconds) where words.isEmpty || words.contains(where: benchmark.name.hasPrefix) {
    if isList {
        print(benchmark.name)
    } else {
        for line in try benchmark.run() { print(line.json) }
    }
}
