import CDAQBench
import Glibc

// daq-bench [--list] [--seconds N] [NAME...]: prints a JSON object for each line of results, of all benchmarks or of those whose
// names begin with one of the words; =NAME stands for that one alone.

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--ring-reader" {
    // A process of the benchmark `ring-readers`.
    try RingBenchmark.read(CommandLine.arguments[2])
    exit(0)
}
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
let chosen = Benchmark.all(seconds: seconds).filter { words.isEmpty || words.contains(where: $0.isMeant(by:)) }
var hasFailed = false
for benchmark in chosen {
    if isList {
        print(benchmark.name)
        continue
    }
    do {
        for line in try benchmark.run() { print(line.json) }
    } catch {
        bench_complain("daq-bench: \(benchmark.name): \(error)\n")
        hasFailed = true
    }
}
if chosen.isEmpty {
    bench_complain("daq-bench: no benchmark has a name that begins so; see daq-bench --list\n")
    hasFailed = true
}
exit(hasFailed ? 1 : 0)
