import DAQFuzzing
import Foundation
import Testing

/// Every fuzz target with its kept inputs, past crashes among them, and with some seeded changes of them.
///
/// What does not hold ends the process; the name printed last is the input's.
@Suite(.serialized) struct FuzzTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    private static func inputs(_ kind: String, of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = folder.appending(path: "\(kind)/\(target.name)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name)) func keptInputsDoNoHarm(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let inputs = try Self.inputs("Corpus", of: target) + Self.inputs("Crashes", of: target)
        #expect(!inputs.isEmpty, "Fuzz/Corpus/\(name) is empty; scripts/fuzz --seeds fills it")
        for input in inputs {
            print("\(name): \(input.name)")
            input.bytes.withUnsafeBytes(target.run)
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name), [1, 2] as [UInt64]) func changedInputsDoNoHarm(name: String, seed: UInt64) throws
    {
        let target = try #require(FuzzTarget.named(name))
        let corpus = try Self.inputs("Corpus", of: target).map(\.bytes)
        var mutator = Mutator(seed: seed, corpus: corpus, maximumBytes: target.maximumBytes)
        let end = ContinuousClock.now + .milliseconds(400)
        var runs = 0
        while ContinuousClock.now < end, runs < 2000 {
            // Printed before it runs, so that a crash can be repeated.
            if runs % 100 == 0 { print("\(name): seed \(seed), run \(runs) and the next") }
            mutator.input().withUnsafeBytes(target.run)
            runs += 1
        }
        #expect(runs > 0)
    }
}
