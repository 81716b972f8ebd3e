import DAQFuzzing
import Testing

@testable import daqctl

/// Command lines that nobody would type; nothing is run.
struct ArgumentFuzzTests {
    @Test(arguments: 0..<8 as Range<UInt64>) func everyCommandLineIsReadOrRefusedInWords(seed: UInt64) {
        print("seed \(seed)")
        for command in CommandLineTool.commands {
            let declaration = command.declaration
            let examples = declaration.examples.map { Array($0.split(separator: " ").dropFirst(2).joined(separator: "\n").utf8) }
            let options = declaration.options.map {
                Array("--\($0.name)\n=\n-1\n--\n99999999999999999999\nnan\n1e999\n\u{0}".utf8)
            }
            var mutator = Mutator(seed: seed, corpus: examples + options, maximumBytes: 400)
            for _ in 0..<200 {
                let words = String(decoding: mutator.input(), as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false)
                do throws(UsageProblem) {
                    _ = try command.init(ArgumentParser.parse(words.map(String.init), as: declaration))
                } catch {
                    #expect(!"\(error)".isEmpty, "seed \(seed): \(words)")
                }
            }
        }
    }

    /// The words that open a command line, up to where a command would begin to work.
    @Test(arguments: 0..<4 as Range<UInt64>) func everyFirstWordIsAnswered(seed: UInt64) {
        print("seed \(seed)")
        let names = CommandLineTool.commands.map { $0.declaration.name }
        var mutator = Mutator(seed: seed, corpus: (names + ["--help", "-h"]).map { Array($0.utf8) }, maximumBytes: 40)
        for _ in 0..<200 {
            let word = String(decoding: mutator.input(), as: UTF8.self)
            guard !names.contains(word) else { continue }
            let outcome = Outcome(word)
            #expect(outcome.code == 2 || outcome.code == 0 && !outcome.output.isEmpty, "seed \(seed): \(word.debugDescription)")
            #expect(!(outcome.output + outcome.error).isEmpty, "seed \(seed): \(word.debugDescription)")
        }
    }
}
