import Foundation
import Testing

/// Images from `daqctl simulate` over `daqctl forward` to `daqctl run --from`, in processes that may be killed.
@Suite("Forwarding between processes", .serialized)
struct ForwardTests {
    private struct Summary: Decodable {
        struct Source: Decodable {
            struct Gap: Decodable { var first, last: Int }
            var gaps: [Gap]
            var senders: Int
        }
        var images: Int
        var source: Source
        var ledger: RunSummary.Ledger
    }

    private func address() throws -> String { "tcp://127.0.0.1:\(try Ports.take(1))" }

    private func stop<Result: Decodable>(_ program: RunningProgram, as: Result.Type = Result.self) async throws -> Result {
        program.send(SIGINT)
        let outcome = try await Daqctl.finish(program)
        try #require(outcome.code == 0, "\(outcome.error)")
        return try outcome.summary()
    }

    @Test("Over a relay, with keys: every image is there, and the file says the same as a direct run")
    func relay() async throws {
        let folder = try WorkFolder()
        let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jf.json")
        let (first, last) = (try address(), try address())
        for (file, other) in [("far", "near"), ("near", "far"), ("far", "near")] {
            let keys = try await Daqctl.run(["keys", folder[other], "--json"])
            struct Keys: Decodable { var `public`: String }
            _ = try await Daqctl.run(["keys", folder[file], "--peer", keys.summary(as: Keys.self).public])
        }
        let far = try await Daqctl.receive([
            "run", document, "--from", last, "--keys", folder["far"], "--once", "--write", folder["far.h5"], "--json",
        ])
        let forward = #"forward=[{"to":"\#(last)","keys":"\#(folder["near"])"}]"#
        let relay = try await Daqctl.receive(["run", document, "--from", first, "--once", "--set", forward, "--json"])
        let direct = #"forward=[{"to":"\#(first)"}]"#
        let near = try await Daqctl.receive([
            "run", document, "--set", direct, "--images", "40", "--write", folder["near.h5"], "--json",
        ])
        try await Daqctl.send(["simulate", document, "--images", "40", "--rate", "100"])
        #expect(try await Daqctl.summary(of: near).lossless)
        #expect(try await Daqctl.summary(of: relay).lossless)
        let summary = try await Daqctl.summary(of: far)
        #expect(summary.lossless && summary.images == 40)
        struct Inspection: Decodable, Equatable {
            struct Sum: Decodable, Equatable {
                var id: String
                var sum: Int
            }
            var images: Int
            var sums: [Sum]
        }
        let files: [Inspection] = try await [
            Daqctl.run(["inspect", folder["near.h5"], "--json"]).summary(),
            Daqctl.run(["inspect", folder["far.h5"], "--json"]).summary(),
        ]
        #expect(files[0] == files[1] && files[0].images == 40 && files[0].sums.count > 1)
    }

    @Test("The ring of a run that goes on: every image is there, byte for byte, and the ledgers agree", .needsPython)
    func ring() async throws {
        let folder = try WorkFolder()
        let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jf.json")
        let address = try address()
        let ring = "forward-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let near = try await Daqctl.receive([
            "run", document, "--set", "ring.shared=true", "--set", "ring.name=\(ring)", "--images", "60", "--write",
            folder["near.h5"], "--json",
        ])
        let far = try await Daqctl.receive([
            "run", document, "--from", address, "--once", "--write", folder["far.h5"], "--json",
        ])
        let forward = try await Daqctl.receive(["forward", ring, "--to", address, "--json"])
        #expect(forward.standardOutput.contains(#""ring":"\#(ring)""#))
        try await Daqctl.send(["simulate", document, "--images", "60", "--rate", "100", "--drop", "7:0:5", "--drop", "20:1:9"])
        let summaries = try await [
            Daqctl.summary(of: near), Daqctl.summary(of: forward), Daqctl.summary(of: far),
        ]
        for summary in summaries {
            let images = summary.ledger.images
            #expect(summary.images == 60 && summary.ledger.balanced)
            #expect(images.expected == 60 && images.complete == 58 && images.partial == 2 && images.missingPackets == 2)
            #expect(images.missing == 0 && images.dropped.values.allSatisfy { $0 == 0 })
            #expect(summary.sinks.allSatisfy { $0.offered == 60 && $0.stored == 60 && $0.dropped.isEmpty }, "\(summary.sinks)")
        }
        let stored = try await StoredImages(folder["near.h5"], sameAs: [folder["far.h5"]])
        #expect(stored.ids == Array(1...60))
    }

    @Test("A far end that is not there costs the run nothing")
    func ringWithoutFarEnd() async throws {
        let folder = try WorkFolder()
        let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jf.json")
        let ring = "forward-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let near = try await Daqctl.receive([
            "run", document, "--set", "ring.shared=true", "--set", "ring.name=\(ring)", "--images", "200", "--json",
        ])
        let forward = try await Daqctl.receive(["forward", ring, "--to", address(), "--json"])
        try await Daqctl.send(["simulate", document, "--images", "200", "--rate", "100"])
        #expect(try await Daqctl.summary(of: near).lossless)
        let outcome = try await Daqctl.finish(forward)
        #expect(outcome.code == 1 && outcome.error.contains("no image was confirmed by tcp://127.0.0.1"), "\(outcome.error)")
        let summary: RunSummary = try outcome.summary()
        let sink = try #require(summary.sinks.first)
        #expect(summary.ledger.balanced && sink.offered == 200 && sink.stored == 0)
        #expect(sink.dropped.values.reduce(0, +) == 200)
    }

    @Test("A name that is neither a ring nor a file is refused with both meanings")
    func nothing() async throws {
        let outcome = try await Daqctl.run(["forward", "no-such-ring-\(getpid())", "--to", "tcp://127.0.0.1:1"])
        #expect(outcome.code == 1 && outcome.error.contains("there is no ring") && outcome.error.contains("there is no file"))
        let path = try await Daqctl.run(["forward", "no-such-file.json", "--to", "tcp://127.0.0.1:1"])
        #expect(path.code == 1 && path.error.contains("no-such-file.json"))
    }

    @Test("kill -9 of the far end while images flow: the next one gets everything that was not confirmed", arguments: 0..<3)
    func killedFarEnd(round: Int) async throws {
        let folder = try WorkFolder()
        let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jf.json")
        let address = try address()
        let first = try await Daqctl.receive(["run", document, "--from", address, "--json"])
        let near = try await Daqctl.receive([
            "run", document, "--set", #"forward=[{"to":"\#(address)","patience":30}]"#, "--images", "80", "--json",
        ])
        let sender = try Daqctl.start(["simulate", document, "--images", "80", "--rate", "40", "--json"])
        try await Task.sleep(for: .milliseconds(500 + round * 300))
        first.send(SIGKILL)
        let second = try await Daqctl.receive(["run", document, "--from", address, "--once", "--json"])
        let nearSummary = try await Daqctl.summary(of: near)
        #expect(nearSummary.sinks.allSatisfy { $0.stored == 80 && $0.dropped.isEmpty }, "\(nearSummary.sinks)")
        #expect(try await Daqctl.finish(sender).code == 0)
        let outcome: Summary = try await Daqctl.finish(second).summary()
        #expect(outcome.images > 0 && outcome.source.gaps.isEmpty && outcome.ledger.balanced)
    }

    @Test("kill -9 of the sender while images flow: the far end goes on, and names what went with it")
    func killedSender() async throws {
        let folder = try WorkFolder()
        let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jf.json")
        let address = try address()
        let far = try await Daqctl.receive(["run", document, "--from", address, "--json"])
        let first = try await Daqctl.receive(["forward", document, "--to", address, "--json"])
        let sender = try Daqctl.start(["simulate", document, "--images", "200", "--rate", "40", "--json"])
        try await Task.sleep(for: .seconds(1.5))
        first.send(SIGKILL)
        _ = try await first.exitCode()
        let second = try await Daqctl.receive(["forward", document, "--to", address, "--json"])
        #expect(try await Daqctl.finish(sender).code == 0)
        let _: RunSummary = try await stop(second)
        let summary: Summary = try await stop(far)
        #expect(summary.source.senders == 2 && summary.ledger.balanced)
        let missing = summary.source.gaps.reduce(0) { $0 + $1.last - $1.first + 1 }
        #expect(missing == summary.ledger.images.missing)
        #expect(summary.ledger.images.expected == summary.images + missing)
    }
}
