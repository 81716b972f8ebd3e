import Foundation
import Testing

extension IntegrationTests {
    /// What the sender did to its packets is what the receiver says, and what is in the file.
    struct FaultTests {
        private let folder: WorkFolder
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            configuration = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jungfrau.json")
        }

        /// Sends 10 images, 128 packets a module each, with faults.
        private func run(_ faults: [String]) async throws -> (sent: SenderSummary, received: RunSummary) {
            let receiver = try await Daqctl.receive(["run", configuration, "--write", folder["images.h5"], "--json"])
            let sender = try await Daqctl.run(
                ["simulate", configuration, "--images", "10", "--rate", "10", "--patient", "--json", "--seed", "17"] + faults)
            try #require(sender.code == 0, "\(sender.error)")
            try folder.write(sender.output, to: "report.json")
            // Not ended by the number of images: second copies of the last packets come after all images are complete.
            receiver.send(SIGINT)
            let received = try await Daqctl.summary(of: receiver)
            #expect(received.ledger.balanced)
            #expect(received.ledger.packets.kernelDropped == 0)
            return (try sender.summary(), received)
        }

        private func compareFile() async throws {
            try await PythonCheck.run(
                "check_images.py",
                [folder["images.h5"], configuration, "--ids", "1-10", "--seed", "17", "--report", folder["report.json"]])
        }

        @Test("Loss", .needsPython)
        func loss() async throws {
            let (sent, received) = try await run(["--loss", "0.02"])
            #expect(sent.faults.lost > 10)
            #expect(sent.packets == 10 * 256 - sent.faults.lost)
            #expect(received.ledger.packets.received == sent.packets)
            #expect(received.ledger.packets.placed == sent.packets)
            #expect(received.ledger.images.missingPackets == sent.faults.lost)
            #expect(received.ledger.images.partial == Set(sent.faults.lostPackets.map { $0.prefix { $0 != ":" } }).count)
            #expect(!received.lossless)
            try await compareFile()
        }

        @Test("Duplicates and reordering lose nothing", .needsPython)
        func duplicatesAndReordering() async throws {
            let (sent, received) = try await run(["--duplicate", "0.1", "--reorder", "30"])
            #expect(sent.faults.duplicated > 100)
            #expect(sent.faults.delayed > 1000)
            #expect(received.lossless)
            #expect(received.ledger.packets.placed == 10 * 256)
            // A copy that comes after its image was complete counts as late.
            #expect(received.ledger.packets.duplicate + received.ledger.packets.late == sent.faults.duplicated)
            try await compareFile()
        }

        @Test("Corrupted packets are refused, each with its reason, or do no harm", .needsPython)
        func corruption() async throws {
            let (sent, received) = try await run(["--corrupt", "0.05"])
            let damage = sent.faults.corruptedPackets
            #expect(damage.count > 50)
            #expect(sent.faults.corrupted.values.reduce(0, +) == damage.count)
            func count(_ kinds: [String], flipped offsets: [Int] = []) -> Int {
                damage.count { kinds.contains($0.kind) || ($0.kind == "flipped-bit" && offsets.contains($0.offset)) }
            }
            let packets = received.ledger.packets
            #expect(packets.received == sent.packets)
            #expect(packets.malformed["length"] == count(["truncated", "oversize"]))
            #expect(packets.malformed["version"] == count(["version"], flipped: [47]))
            #expect(packets.malformed["packet_number"] == count(["packet-number"], flipped: [14, 15]))
            #expect(packets.foreign["detector_type"] == count(["detector-type"], flipped: [46]))
            #expect(packets.positionChanged == count([], flipped: Array(34..<38)))
            let refused = packets.malformed.values.reduce(0, +) + packets.foreign.values.reduce(0, +)
            #expect(packets.placed == 10 * 256 - refused)
            #expect(received.ledger.images.missingPackets == refused)
            try await compareFile()
        }

        @Test("A lost packet shows at its own place also when other modules have none", .needsPython)
        func unplacedModules() async throws {
            let port = try Ports.take(4)
            let positions = #""1": [516, 0, 1029, 255], "3": [516, 513, 1029, 258]"#
            let document = Documents.eiger(port: port, positions: positions)
            let configuration = try folder.write(document, to: "eiger.json")
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", folder["images.h5"], "--images", "10", "--json",
            ])
            let sender = try await Daqctl.run([
                "simulate", configuration, "--images", "10", "--rate", "20", "--patient", "--json", "--loss", "0.02",
            ])
            try folder.write(sender.output, to: "report.json")
            _ = try await Daqctl.summary(of: receiver)
            try await PythonCheck.run(
                "check_images.py",
                [folder["images.h5"], configuration, "--ids", "1-10", "--report", folder["report.json"]])
        }

        @Test("All faults together", .needsPython)
        func together() async throws {
            let (_, received) = try await run(["--loss", "0.01", "--duplicate", "0.02", "--reorder", "10", "--corrupt", "0.01"])
            #expect(received.images == 10)
            try await compareFile()
        }

        @Test("A counter that starts again opens a segment", .needsPython)
        func restart() async throws {
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", folder["images.h5"], "--images", "20", "--json",
            ])
            try await Daqctl.send([
                "simulate", configuration, "--images", "20", "--restart-after", "10", "--rate", "20", "--patient",
            ])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            #expect(summary.ledger.images.segments == 2)
            #expect(summary.ledger.images.expected == 20)
            try await PythonCheck.run(
                "check_images.py", [folder["images.h5"], configuration, "--ids", "1-10,1-10", "--frames", "1"])
        }

        @Test("Incomplete images are left out and counted when the configuration says so", .needsPython)
        func incompleteDropped() async throws {
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", folder["images.h5"], "--images", "8", "--json", "--set", "incomplete=drop",
            ])
            try await Daqctl.send([
                "simulate", configuration, "--images", "10", "--rate", "10", "--patient", "--drop", "3:0:5", "--drop", "7:1:127",
            ])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.ledger.images.expected == 10)
            #expect(summary.ledger.images.complete == 8)
            #expect(summary.ledger.images.dropped["incomplete"] == 2)
            #expect(try await StoredImages(folder["images.h5"]).ids == [1, 2, 4, 5, 6, 8, 9, 10])
        }
    }
}
