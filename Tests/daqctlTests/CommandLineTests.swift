import Testing

@testable import daqctl

/// What a user sees who types something.
struct CommandLineTests {
    @Test func aMisspeltOptionGetsASuggestion() {
        let outcome = Outcome("run", "detector.json", "--wirte", "a.h5")
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error == "daqctl run: unknown option --wirte; did you mean --write? (daqctl run --help)\n")
    }

    @Test func aMisspeltCommandGetsASuggestion() {
        let outcome = Outcome("simualte", "detector.json")
        #expect(outcome.code == 2)
        #expect(outcome.error == "daqctl: unknown command simualte; did you mean simulate? (daqctl --help)\n")
    }

    @Test func whatIsFarFromEverythingGetsNoSuggestion() {
        #expect(Outcome("zzzzzzzz").error == "daqctl: unknown command zzzzzzzz (daqctl --help)\n")
        #expect(Outcome("run", "c", "--xyzzy").error == "daqctl run: unknown option --xyzzy (daqctl run --help)\n")
    }

    @Test func withoutACommandTheHelpIsShownAsAnError() {
        let outcome = Outcome()
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("usage: daqctl COMMAND"))
    }

    @Test(arguments: [
        (["run"], "CONFIG is missing"),
        (["run", "a", "b"], "unexpected argument \"b\""),
        (["run", "a", "--images"], "--images N is missing its value"),
        (["run", "a", "--images", "--json"], "--images N is missing its value"),
        (["run", "a", "--images", "0"], "--images needs a whole number from 1 up, not \"0\""),
        (["run", "a", "--images", "-3"], "--images needs a whole number from 1 up, not \"-3\""),
        (["run", "a", "--images=ten"], "--images needs a whole number from 1 up, not \"ten\""),
        (["run", "a", "--images", "1", "--images", "2"], "--images N was given more than once"),
        (["run", "a", "--json=yes"], "--json takes no value, found \"yes\""),
        (["run", "a", "--duration", "nan"], "--duration needs a number above 0, not \"nan\""),
        (["run", "a", "--set", "x"], "--set needs KEY=VALUE, such as receive.threads=2, not \"x\""),
        (["run", "a", "--set", "a..b=1"], "--set needs KEY=VALUE, such as receive.threads=2, not \"a..b=1\""),
        (["doctor", "a", "b"], "unexpected argument \"b\""),
        (["doctor", "--rate", "100"], "--rate HZ means nothing without CONFIG"),
        (["doctor", "--set", "bind=10.0.0.1"], "--set KEY=VALUE means nothing without CONFIG"),
        (["doctor", "a", "--rate", "0"], "--rate needs a number above 0, not \"0\""),
        (["simulate", "a"], "--images N is missing"),
        (["simulate", "a", "--images", "1", "--loss", "1.5"], "--loss needs a probability from 0 to 1, not \"1.5\""),
        (
            ["simulate", "a", "--images", "1", "--drop", "1:2"],
            "--drop needs IMAGE:PORT:PACKET, three whole numbers such as 29513:7:100, not \"1:2\""
        ),
        (["replay"], "PATH... is missing"),
        (["replay", "a", "--rate", "1", "--speed", "2"], "--rate HZ and --speed FACTOR exclude each other; give one of them"),
        (["replay", "a", "--base-port", "70000"], "--base-port needs a whole number from 1 to 65535, not \"70000\""),
        (["record", "a", "--output", "x.h5"], "--output needs a file name that ends with .pcap, not \"x.h5\""),
        (["pedestal", "a", "--images", "5"], "--output FILE.h5 is missing"),
        (["inspect", ""], "FILE.h5 needs a path, not \"\""),
        (["inspect", "a.h5", "--image", "3"], "--image needs --picture FILE.png"),
        (["export", "a.h5"], "--png FOLDER or --tiff FOLDER is missing"),
        (
            ["stream", "r", "--format", "array-1.0", "--bind", "tcp://*:70000"],
            "--bind needs an address such as tcp://*:9001 (with a port from 1 to 65535) or ipc:///tmp/name, not \"tcp://*:70000\""
        ),
        (
            ["forward", "r", "--to", "tcp://far:65536"],
            "--to needs an address such as tcp://*:9001 (with a port from 1 to 65535) or ipc:///tmp/name, not \"tcp://far:65536\""
        ),
        (
            ["run", "c", "--from", "tcp://*"],
            "--from needs an address such as tcp://*:9001 (with a port from 1 to 65535) or ipc:///tmp/name, not \"tcp://*\""
        ),
        (
            ["write", "r", "--output", "{foo}.h5"],
            "--output: {foo} is not known; known are {detector}, {run}, {date}, {time} and {part}"
        ),
    ])
    func wrongUsageIsNamed(words: [String], message: String) {
        let error = MemoryOutput()
        let code = CommandLineTool.run(arguments: words, output: MemoryOutput(), error: error)
        #expect(code == 2)
        #expect(error.text == "daqctl \(words[0]): \(message) (daqctl \(words[0]) --help)\n")
    }

    @Test(arguments: [(["inspect", "/no/such.h5"], 1), (["inspect", "a.h5", "--nonsense"], 2)] as [([String], Int32)])
    func machinesAreToldOfAFailureInTheLastLine(words: [String], code: Int32) {
        let output = MemoryOutput()
        #expect(CommandLineTool.run(arguments: words + ["--json"], output: output, error: MemoryOutput()) == code)
        #expect(output.text.hasPrefix(#"{"event":"failed","reason":""#), "\(output.text)")
        let silent = MemoryOutput()
        #expect(CommandLineTool.run(arguments: words, output: silent, error: MemoryOutput()) == code)
        #expect(silent.text.isEmpty)
    }

    @Test func versionNamesItselfForPeopleAndMachines() {
        #expect(Outcome("version").output.hasPrefix("daqctl \(VersionCommand.version) "))
        #expect(Outcome("--version").output == Outcome("version").output)
        #expect(Outcome("version", "--json").output.hasPrefix(#"{"event":"summary","version":"\#(VersionCommand.version)","#))
    }
}
