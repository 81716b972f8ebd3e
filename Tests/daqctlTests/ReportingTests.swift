import Testing

@testable import daqctl

/// Progress, events and results.
struct ReportingTests {
    @Test func onATerminalProgressIsOneLineAtMostFiveTimesASecond() {
        var meter = ProgressMeter(isTerminal: true, startingAt: 100)
        var shown = 0
        for step in 1...1000 {
            let sample = ProgressMeter.Sample(images: UInt64(step))
            if meter.line(for: sample, at: 100 + Double(step) / 1000) != nil { shown += 1 }
        }
        #expect((4...5).contains(shown))
    }

    @Test func progressShowsTheRateSinceTheLastLine() throws {
        var meter = ProgressMeter(isTerminal: false, startingAt: 0)
        #expect(meter.line(for: .init(images: 10), at: 4.9) == nil)
        let first = meter.line(for: .init(images: 500, total: 2000, bytes: 10_000_000), at: 5)
        #expect(first == "500 of 2,000 images  100.0 Hz  2.0 MB/s  no losses  5.0 s")
        let second = meter.line(for: .init(images: 1500, bytes: 60_000_000, lostImages: 2, lostPackets: 1234), at: 70)
        #expect(second == "1,500 images  15.4 Hz  0.8 MB/s  LOST: 2 images, 1,234 packets  1:10")
    }

    @Test func progressDoesNotPraiseWhatHasNotBegunOrWasNotSent() {
        var meter = ProgressMeter(isTerminal: false, startingAt: 0)
        #expect(meter.line(for: .init(hasBegun: false), at: 5)?.contains("nothing has arrived yet") == true)
        let line = meter.line(for: .init(images: 24, unsent: 24), at: 10)
        #expect(line?.contains("not sent: 24 images") == true && line?.contains("no losses") == false)
        #expect(meter.line(for: .init(lostImages: 1, lostPackets: 1), at: 15)?.contains("LOST: 1 image, 1 packet ") == true)
    }

    @Test func aMessageNeverLandsInsideTheProgressLine() {
        let error = MemoryOutput(isTerminal: true)
        let reporter = Reporter("run", console: Console(output: MemoryOutput(), error: error), json: false)
        reporter.progress(.init(), at: 0)
        reporter.progress(.init(images: 100), at: 1)
        reporter.warning("disk is nearly full")
        let line = "100 images  100.0 Hz  0.0 MB/s  no losses  1.0 s"
        #expect(
            error.text == "\r\(line)\r\(String(repeating: " ", count: line.count))\rdaqctl run: warning: disk is nearly full\n")
    }

    @Test func withoutATerminalProgressIsPlainLines() {
        let error = MemoryOutput()
        let reporter = Reporter("run", console: Console(output: MemoryOutput(), error: error), json: false)
        for second in 0...11 { reporter.progress(.init(images: UInt64(second)), at: Double(second)) }
        #expect(error.lines.count == 2)
        #expect(!error.text.contains("\r"))
    }

    @Test func machinesGetOneObjectALineOnStandardOutputOnly() {
        let output = MemoryOutput()
        let error = MemoryOutput()
        let reporter = Reporter("run", console: Console(output: output, error: error), json: true)
        reporter.event("ready", ["ports": 2], message: "ready")
        reporter.result("summary", ["images": 5], text: "5 images\n")
        #expect(output.text == "{\"event\":\"ready\",\"ports\":2}\n{\"event\":\"summary\",\"images\":5}\n")
        #expect(error.text.isEmpty)
    }

    @Test func peopleGetMessagesOnStandardErrorAndResultsOnStandardOutput() {
        let output = MemoryOutput()
        let error = MemoryOutput()
        let reporter = Reporter("run", console: Console(output: output, error: error), json: false)
        reporter.event("ready", ["ports": 2], message: "ready on 2 ports")
        reporter.result("summary", ["images": 5], text: "5 images\n")
        #expect(error.text == "daqctl run: ready on 2 ports\n")
        #expect(output.text == "5 images\n")
    }

    @Test func quietHidesProgressAndNotesButNotWarnings() {
        let error = MemoryOutput()
        let reporter = Reporter("run", console: Console(output: MemoryOutput(), error: error), json: false, quiet: true)
        for second in 0...20 { reporter.progress(.init(), at: Double(second)) }
        reporter.note("starting")
        reporter.event("ready", message: "ready")
        #expect(error.text.isEmpty)
        reporter.warning("unknown key")
        #expect(error.text == "daqctl run: warning: unknown key\n")
    }

    @Test func jsonEscapesWhatItMustAndKeepsItsOrder() {
        let value: JSONValue = [
            "b": "a\"\\\n\u{1}é😀", "a": [1, 1.5, true, .null, .number(.nan), .unsigned(.max), .integer(-1)], "c": [:],
        ]
        #expect(value.line == #"{"b":"a\"\\\n\u0001é😀","a":[1,1.5,true,null,null,18446744073709551615,-1],"c":{}}"# + "\n")
    }

    @Test(
        arguments: [
            (0, 5, "0 %"), (5, 5, "100 %"), (999_999_999, 1_000_000_000, "> 99.999 %"), (1, 1_000_000_000, "< 0.001 %"),
            (1, 3, "33.333 %"), (0, 0, ""),
        ] as [(UInt64, UInt64, String)])
    func sharesAreNeverRoundedToAllOrNothing(part: UInt64, whole: UInt64, text: String) {
        #expect(Quantity.percent(part, of: whole) == text)
    }

    @Test func quantitiesReadWell() {
        #expect([0, 999, 1000, 1_234_567].map { Quantity.count($0) } == ["0", "999", "1,000", "1,234,567"])
        #expect(
            [0, 999, 1000, 2_097_152, 5_000_000_000].map { Quantity.bytes($0) } == ["0 B", "999 B", "1.0 kB", "2.1 MB", "5.0 GB"])
        #expect([0, 59.94, 61, 3723].map { Quantity.time($0) } == ["0.0 s", "59.9 s", "1:01", "1:02:03"])
        #expect([-0.04, -1.25, 0.005].map { Quantity.decimal($0, digits: 1) } == ["0.0", "-1.3", "0.0"])
    }
}
