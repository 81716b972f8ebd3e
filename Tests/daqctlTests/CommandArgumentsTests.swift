import DAQCore
import DAQSimulator
import DAQWriter
import Testing

@testable import daqctl

/// Every argument arrives as the value it stands for.
struct CommandArgumentsTests {
    private func parse<Parsed: Command>(_ command: Parsed.Type, _ words: String...) throws -> Parsed {
        try Parsed(ArgumentParser.parse(words, as: Parsed.declaration))
    }

    @Test func runTakesAllItsArgumentsInAnyOrder() throws {
        let run = try parse(
            RunCommand.self, "--json", "--write=/data/a=b.h5", "--set", "ring.bytes=1", "c.json", "--images", "7",
            "--set=a.b.c=x=y",
            "--duration", "2.5", "--overwrite", "--strict", "--quiet")
        #expect(run.configuration == "c.json")
        #expect(run.write?.description == "/data/a=b.h5")
        #expect(run.images == 7)
        #expect(run.duration == 2.5)
        #expect(run.settings.map(\.text) == ["ring.bytes=1", "a.b.c=x=y"])
        #expect(run.overwrite && run.strict && run.json && run.quiet)
    }

    @Test func runNeedsOnlyAConfiguration() throws {
        let run = try parse(RunCommand.self, "c.json")
        #expect(run.write == nil && run.images == nil && run.duration == nil && run.settings.isEmpty)
        #expect(!run.overwrite && !run.strict && !run.json && !run.quiet)
    }

    @Test func writeTakesOneExtentAndOneStart() throws {
        let write = try parse(
            WriteCommand.self, "ring", "--output", "{run}_{part}", "--run", "7", "--images", "5", "--from", "100",
            "--compression",
            "bslz4", "--file-mode", "swmr", "--permissions", "640", "--root", "/a", "--root", "/b", "--patience", "3")
        #expect(write.ring == "ring")
        let (request, roots) = try write.request(as: WriterConfiguration())
        #expect(try roots == WriteRoots(["/a", "/b"]))
        #expect(request.extent == .images(5) && request.start == .id(100) && request.patience == 3)
        #expect(request.run == "7" && request.compression == .bslz4 && request.options.mode == .swmr)
        #expect(request.ownership.permissions == 0o640 && request.share == nil)
        #expect(try parse(WriteCommand.self, "r", "--output", "x").extent == .untilStopped)
        #expect(try parse(WriteCommand.self, "r", "--output", "x", "--ids", "3..9").extent == .ids(3...9))
        for words in [["--images", "1", "--seconds", "2"], ["--ids", "1..2", "--from", "1"], ["--back", "1", "--from", "2"]] {
            #expect(throws: UsageProblem.self) {
                try WriteCommand(ArgumentParser.parse(["r", "--output", "x"] + words, as: WriteCommand.declaration))
            }
        }
        #expect(throws: UsageProblem.self) { try parse(WriteCommand.self, "r", "--output", "{nothing}") }
        #expect(throws: UsageProblem.self) { try parse(WriteCommand.self, "r", "--output", "x", "--permissions", "999") }
    }

    @Test func theCommandLineGoesBeforeTheConfigurationOfFiles() throws {
        var writer = WriterConfiguration()
        (writer.format, writer.compression, writer.imagesPerFile, writer.roots) = (.nxmx, .bszstd, 100, ["/data"])
        (writer.secondsPerFile, writer.group, writer.bypassesPageCache) = (10, "users", true)
        let (plain, data) = try parse(WriteCommand.self, "r", "--output", "x").request(as: writer)
        #expect(plain.options.format == .nxmx && plain.compression == .bszstd && plain.options.imagesPerPart == 100)
        #expect(plain.options.secondsPerPart == 10 && plain.ownership.group == "users" && plain.options.bypassesPageCache)
        #expect(try data == WriteRoots(["/data"]))
        let write = try parse(
            WriteCommand.self, "r", "--output", "x", "--compression", "none", "--images-per-file", "7", "--seconds-per-file", "0",
            "--root", "/other", "--share", "2/3")
        let (request, other) = try write.request(as: writer)
        #expect(request.options.format == .nxmx && request.compression == .none && request.options.imagesPerPart == 7)
        #expect(request.options.secondsPerPart == nil && request.share == WriteShare(2, of: 3))
        #expect(try other == WriteRoots(["/other"]))
        #expect(throws: UsageProblem.self) { try parse(WriteCommand.self, "r", "--output", "x", "--share", "0/3") }
    }

    @Test func streamTakesARegionAsConfigurationsWriteIt() throws {
        let words = ["ring", "--format", "array-1.0", "--bind", "tcp://*:1", "--region"]
        func region(_ text: String) throws -> ImageRegion? {
            try StreamCommand(ArgumentParser.parse(words + [text], as: StreamCommand.declaration)).stream.region
        }
        let expected = ImageRegion(xStart: 1, yStart: 2, xEnd: 30, yEnd: 2)
        for text in ["1,2,30,2", "[1,2,30,2]", "[1, 2, 30, 2]"] { #expect(try region(text) == expected) }
        for text in ["1,2,30", "1,2,0,2", "1,2,3,1", "-1,0,1,1", "1,2,3,4,5", "[1,2,3,4", "a,b,c,d", "", "[]", "["] {
            #expect(throws: UsageProblem.self) { try region(text) }
        }
    }

    @Test func receiveStreamNamesFilesAfterTheDetectorOfTheServices() throws {
        #expect(try parse(ReceiveStreamCommand.self, "EG9M", "--format", "std-daq", "--slots", "2000").source.slots == 2000)
        #expect(try parse(ReceiveStreamCommand.self, "EG9M", "--format", "std-daq").name == "EG9M")
        #expect(try parse(ReceiveStreamCommand.self, "ipc:///tmp/A-B-image", "--format", "std-daq").name == "A-B")
        #expect(try parse(ReceiveStreamCommand.self, "tcp://a:1", "--format", "bsread").name == "stream")
    }

    @Test func forwardTellsRingsFromConfigurations() throws {
        for path in ["detector.json", "./detector", "/etc/detector"] {
            #expect(try parse(ForwardCommand.self, path).origin == .configuration(path))
        }
        #expect(ForwardCommand.Origin("Package.swift.") == .ring("Package.swift."))
        #expect(try parse(ForwardCommand.self, "jungfrau4m", "--to", "tcp://a:1").origin == .ring("jungfrau4m"))
        #expect(throws: UsageProblem.missing(ForwardCommand.declaration.arguments[1])) {
            try parse(ForwardCommand.self, "jungfrau4m")
        }
        #expect(throws: UsageProblem.self) {
            try parse(ForwardCommand.self, "jungfrau4m", "--to", "tcp://a:1", "--set", "ring.bytes=1")
        }
    }

    @Test func simulateHasTheDefaultsOfItsHelpText() throws {
        let simulate = try parse(SimulateCommand.self, "c.json", "--images", "3")
        #expect(simulate.host == "127.0.0.1" && simulate.rate == nil && simulate.startFrame == 1 && simulate.restartAfter == nil)
        let faults = simulate.faults
        #expect(faults.loss == 0 && faults.duplicate == 0 && faults.reorder == 0 && faults.corrupt == 0 && faults.seed == 1)
        #expect(faults.drops.isEmpty && !simulate.segmentation)
    }

    @Test func namedPacketsAreRead() throws {
        let replay = try parse(
            ReplayCommand.self, "a", "b", "--drop", "29513:7:100", "--drop=18446744073709551615:0:0", "--seed", "9", "--speed",
            "2")
        #expect(replay.paths == ["a", "b"])
        #expect(replay.faults.drops.map(\.image) == [29513, .max])
        #expect(replay.faults.drops.map(\.port) == [7, 0])
        #expect(replay.faults.drops.map(\.packet) == [100, 0])
        #expect(replay.faults.seed == 9 && replay.speed == 2)
    }

    @Test(arguments: ["", "1", "1:2:", "a:b:c", "1:2:3:4", "-1:2:3", "1:2:-3", "1:70000:2"])
    func whatNamesNoPacketIsRefused(text: String) {
        #expect(PacketAddress(text) == nil)
    }

    @Test func theOtherCommandsTakeTheirArguments() throws {
        let record = try parse(RecordCommand.self, "c.json", "--output", "a.pcap", "--images", "2", "--duration", "1")
        #expect(record.output == "a.pcap" && record.images == 2 && record.duration == 1)
        let pedestal = try parse(PedestalCommand.self, "c.json", "--images", "300", "--output", "p.h5")
        #expect(pedestal.images == 300 && pedestal.output == "p.h5")
        let inspect = try parse(InspectCommand.self, "a.h5", "--picture", "a.png", "--image", "29513", "--json")
        #expect(inspect.file == "a.h5" && inspect.picture == "a.png" && inspect.image == 29513 && inspect.json)
        let doctor = try parse(DoctorCommand.self, "c.json", "--rate", "2e3", "--write", "/data", "--set", "a=b", "--json")
        #expect(doctor.configuration == "c.json" && doctor.rate == 2000 && doctor.write == "/data" && doctor.json)
        #expect(try parse(DoctorCommand.self).configuration == nil)
        #expect(try parse(CheckCommand.self, "c.json", "--strict").strict)
    }

    @Test(arguments: [
        ("write", "write", 0), ("wirte", "write", 1), ("writ", "write", 1), ("", "abc", 3), ("kitten", "sitting", 3),
    ])
    func distanceCountsTypingErrors(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }
}
