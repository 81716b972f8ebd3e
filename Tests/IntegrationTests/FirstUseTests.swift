import DAQBuffer
import DAQCore
import DAQWriter
import Foundation
import Testing

extension IntegrationTests {
    /// What somebody meets who uses the program for the first time, and not quite as it was meant.
    struct FirstUseTests {
        private let folder: WorkFolder
        private let port: Int
        private let ring: String
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(2)
            ring = "first-use-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            configuration = try folder.write(
                Documents.jungfrau(port: port).replacing("\"shared\": false", with: "\"name\": \"\(ring)\""), to: "jf.json")
        }

        /// For runs that are killed: what they leave in shared memory would stay.
        private static let own = ["--set", "ring.shared=false"]

        private func simulate(_ images: Int, _ more: String...) async throws {
            try await Daqctl.send(["simulate", configuration, "--images", "\(images)", "--rate", "20", "--patient"] + more)
        }

        @Test("A run that cannot start leaves the images of the run that was killed, and says how to save them", .needsPython)
        func failedStart() async throws {
            let killed = try await Daqctl.receive(["run", configuration, "--json"])
            try await simulate(5)
            while try ImageRingReader(attachingTo: ring).published < 5 { try await Task.sleep(for: .milliseconds(20)) }
            killed.send(SIGKILL)
            _ = try await killed.exitCode()
            let file = try folder.write("precious", to: "there.h5")
            let failed = try await Daqctl.run(["run", configuration, "--write", file])
            #expect(failed.code == 1 && failed.error.contains("exists already"), "\(failed.error)")
            let left = try ImageRingReader(attachingTo: ring)
            #expect(left.newest?.metadata.id == 5, "the images are still there")

            let next = try await Daqctl.receive(["run", configuration, "--json"])
            let advice = "daqctl write \(ring) --back 5 --images 5 --output NAME"
            #expect(next.standardError.contains("5 images are still in memory"), "\(next.standardError)")
            #expect(next.standardError.contains(advice), "\(next.standardError)")
            let saved = folder["saved.h5"]
            let write = try await Daqctl.run(["write", ring, "--back", "5", "--images", "5", "--output", saved])
            #expect(write.code == 0, "\(write.error)")
            #expect(try await StoredImages(saved).ids == [1, 2, 3, 4, 5])
            next.send(SIGINT)
            #expect(try await next.exitCode() == 0)
            #expect(!ImageRingReader.names.contains(ring), "a run that ends properly leaves nothing")
        }

        @Test("Images with the same id in several segments are exported to files of their own, and can be told apart")
        func segments() async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--images", "15", "--json"])
            try await simulate(15, "--restart-after", "5")
            #expect(try await Daqctl.summary(of: receiver).lossless)
            let pictures = folder["pictures"]
            try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: false)
            let export = try await Daqctl.run(["export", file, "--tiff", pictures])
            #expect(export.code == 0 && export.output.contains("15 files written"), "\(export.error)")
            let names = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
            #expect(names.count == 15 && names.first == "image-0-1.tiff" && names.last == "image-2-5.tiff", "\(names)")
            let text = try await Daqctl.run(["inspect", file]).output
            #expect(text.contains("3 segments: ids 1 to 5 in segment 0, 1 to 5 in segment 1, 1 to 5 in segment 2, none missing"))
            let picture = ["inspect", file, "--picture", folder["a.png"], "--image", "3"]
            let ambiguous = try await Daqctl.run(picture)
            #expect(ambiguous.code == 1 && ambiguous.error.contains("segments 0, 1, 2"), "\(ambiguous.error)")
            #expect(try await Daqctl.run(picture + ["--segment", "2"]).code == 0)
            #expect(try await Daqctl.run(picture + ["--segment", "3"]).code == 1)
            // An id that is not there is no place in the file.
            #expect(try await Daqctl.run(["inspect", file, "--picture", folder["a.png"], "--image", "9"]).code == 1)
        }

        @Test("Without a configuration raw JUNGFRAU words are not added up either")
        func binning() async throws {
            let receiver = try await Daqctl.receive(["run", configuration, "--json"])
            let reader = try ImageRingReader(attachingTo: ring)
            #expect(reader.detectorType == .jungfrauRaw && reader.content == .raw)
            let stream = try await Daqctl.run([
                "stream", ring, "--format", "array-1.0", "--bind", "tcp://127.0.0.1:\(port)", "--binning", "2", "--duration", "1",
            ])
            #expect(stream.code == 1 && stream.error.contains("gain"), "\(stream.error)")
            receiver.send(SIGINT)
            #expect(try await receiver.exitCode() == 0)
            // A ring of a program that does not tell.
            let other = try ImageRing(creating: ring, format: ImageFormat(width: 8, height: 8, pixelType: .uint16), slots: 4)
            let unknown = try await Daqctl.run([
                "stream", ring, "--format", "array-1.0", "--bind", "tcp://127.0.0.1:\(port)", "--binning", "2", "--duration", "1",
            ])
            #expect(unknown.code == 1 && unknown.error.contains("--config"), "\(unknown.error)")
            withExtendedLifetime(other) {}
        }

        @Test("A file that misses another one is not exported as if it had been measured")
        func missingSource() async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", file, "--images", "6", "--images-per-file", "2", "--json",
            ])
            try await simulate(6)
            #expect(try await Daqctl.summary(of: receiver).lossless)
            let part = folder["images_000002.h5"]
            #expect(unlink(part) == 0)
            let complaint = "MISSING FILE \(part): 2 images cannot be read"
            let inspect = try await Daqctl.run(["inspect", file])
            #expect(inspect.code == 0 && inspect.output.hasPrefix(complaint + "\n"), "\(inspect.output)")
            let export = try await Daqctl.run(["export", file, "--tiff", folder.path])
            #expect(export.code == 1 && export.error.contains(complaint), "\(export.error)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasSuffix(".tiff") })
            let verify = try await Daqctl.run(["verify", file])
            #expect(verify.code == 1 && verify.output.contains(part), "\(verify.output)")
        }

        @Test("Parts that are not complete are told of, while they are written and after a kill")
        func unfinishedParts() async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--json"] + Self.own)
            try await simulate(5)
            let part = folder["images_000001.h5.partial"]
            let writing = try await Daqctl.run(["verify", file])
            #expect(writing.code == 1 && writing.output.contains("\(part) (is being written)"), "\(writing.output)")
            receiver.send(SIGKILL)
            _ = try await receiver.exitCode()
            for command in ["verify", "inspect"] {
                let outcome = try await Daqctl.run([command, file])
                #expect(outcome.output.contains("\(part) (its writer was killed: daqctl recover \(file))"), "\(outcome.output)")
                #expect(outcome.code == (command == "verify" ? 1 : 0))
            }
            #expect(try await Daqctl.run(["recover", file]).code == 0)
            #expect(try await Daqctl.run(["verify", file]).code == 0)
        }

        @Test("A file of the mode swmr whose writer was killed says what to do")
        func killedFollowedFile() async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(
                ["run", configuration, "--write", file, "--file-mode", "swmr", "--json"] + Self.own)
            try await simulate(5)
            while !FileManager.default.fileExists(atPath: file) { try await Task.sleep(for: .milliseconds(20)) }
            receiver.send(SIGKILL)
            _ = try await receiver.exitCode()
            let outcome = try await Daqctl.run(["verify", file])
            #expect(outcome.code == 1 && outcome.error.contains("daqctl recover \(file)"), "\(outcome.error)")
        }

        @Test("Options that mean nothing, and packets of streams that there are not, are refused")
        func meaninglessOptions() async throws {
            for option in [["--keys", "a.keys"], ["--once"]] {
                let outcome = try await Daqctl.run(["run", configuration] + option)
                #expect(outcome.code == 2 && outcome.error.contains("needs --from ADDRESS"), "\(outcome.error)")
            }
            let run = try await Daqctl.run(["run", configuration, "--write", folder["{run}.h5"]])
            #expect(run.code == 2 && run.error.contains("give --run NAME"), "\(run.error)")
            let drop = try await Daqctl.run(["simulate", configuration, "--images", "1", "--drop", "1:9:2"])
            #expect(drop.code == 1 && drop.error.contains("there is no stream 9"), "\(drop.error)")
        }

        @Test("check warns of files, processors and memory that are not there")
        func doubts() async throws {
            let document = try folder.write(
                Documents.jungfrau(
                    port: port, type: "jungfrau-converted", more: #", "calibration": {"pedestal": "p.h5", "gain": "g.h5"}"#
                ).replacing("\"shared\": false", with: "\"shared\": true"), to: "corrected.json")
            let outcome = try await Daqctl.run([
                "check", document, "--set", "receive.cpus=[1000]", "--set", "ring.bytes=\(1 << 45)",
            ])
            #expect(outcome.code == 0)
            for words in ["there is no file \(folder["p.h5"])", "there is no processor 1000", "/dev/shm of this host has"] {
                #expect(outcome.error.contains(words), "\(outcome.error)")
            }
            let bare = try folder.write(Documents.jungfrau(port: port, type: "jungfrau-converted"), to: "bare.json")
            let run = try await Daqctl.run(["run", bare])
            #expect(run.code == 1 && run.error.components(separatedBy: "calibration.pedestal and").count == 2, "\(run.error)")
        }

        @Test(
            "A stream whose first message is damaged is received all the same; Ctrl-C before the first is no failure",
            .needsPython)
        func firstMessage() async throws {
            let address = "tcp://127.0.0.1:\(try Ports.take(1))"
            let receiver = try Daqctl.start([
                "receive-stream", address, "--format", "array-1.0", "--pattern", "pull", "--images", "5", "--json",
            ])
            let sender = try PythonCheck.start(
                "stream_sender.py", ["damaged-first", address.split(separator: ":").last.map(String.init) ?? "", "1", "5"])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.images == 5 && summary.ledger.packets.malformed["payload"] == 1, "\(receiver.standardError)")
            _ = try await sender.exitCode()
            let waiting = try Daqctl.start(["receive-stream", address, "--format", "array-1.0"])
            try await waiting.wait(for: "waiting") { $0.standardError.contains("waiting for the first image") }
            waiting.send(SIGINT)
            #expect(try await waiting.exitCode(within: 20) == 0)
            #expect(waiting.standardOutput.contains("NOTHING RECEIVED"), "\(waiting.standardOutput)")
        }

        @Test("A run that is stopped while packets come does not call the last image a loss")
        func cutOff() async throws {
            struct Summary: Decodable { var cutOff: Int, images: Int, incompleteImages: [RunSummary.IncompleteImage] }
            let receiver = try await Daqctl.receive(["run", configuration, "--json"])
            let sender = try Daqctl.start(["simulate", configuration, "--images", "1000", "--rate", "2", "--json"])
            try await Task.sleep(for: .seconds(3.2))
            receiver.send(SIGINT)
            let outcome = try await Daqctl.finish(receiver, within: 20)
            let summary: Summary = try outcome.summary()
            // Packets are spread over the time between images, so that almost any moment is in the middle of one.
            #expect(summary.incompleteImages.count == summary.cutOff, "\(outcome.output)")
            sender.send(SIGINT)
            _ = try await sender.exitCode(within: 20)
        }
    }
}
