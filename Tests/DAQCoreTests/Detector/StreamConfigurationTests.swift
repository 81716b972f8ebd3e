import Testing

@testable import DAQCore

@Suite("Configuration of live streams")
struct StreamConfigurationTests {
    private func streams(_ json: String, key: String = "streams") throws -> [StreamConfiguration] {
        try DocumentText.eiger.with(key, json).read(strict: true).configuration.liveStreams
    }

    @Test("Everything a stream can be")
    func entries() throws {
        let found = try streams(
            """
            [{"format": "array-1.0", "address": "tcp://*:9001"},
             {"format": "array-1.0", "address": "tcp://127.0.0.1:9002", "pattern": "push", "every": 10},
             {"format": "array-1.0", "address": "tcp://*:9003", "rate": 2.5, "region": [1, 2, 100, 50], "binning": 4},
             {"format": "array-1.0", "address": "ipc:///tmp/x", "rate": 2, "burst": 5, "pattern": "rep"},
             {"format": "metadata", "address": "tcp://*:*", "batch": [1, 8]},
             {"format": "std-daq"},
             {"format": "sls", "address": "tcp://*:30001", "every": 1}]
            """)
        #expect(
            found == [
                StreamConfiguration(.array10, address: "tcp://*:9001"),
                StreamConfiguration(.array10, address: "tcp://127.0.0.1:9002", pattern: .push, selection: .nth(10)),
                StreamConfiguration(
                    .array10, address: "tcp://*:9003", selection: .hertz(2.5),
                    region: ImageRegion(xStart: 1, yStart: 2, xEnd: 100, yEnd: 50), binning: 4),
                StreamConfiguration(.array10, address: "ipc:///tmp/x", pattern: .reply, selection: .burst(5, hertz: 2)),
                StreamConfiguration(.metadata, address: "tcp://*:*", selection: .batch(1, of: 8)),
                StreamConfiguration(.stdDAQ, address: "ipc:///tmp/eiger-image"),
                StreamConfiguration(.sls, address: "tcp://*:30001"),
            ])
    }

    @Test("Live streams of std-daq, unless there are streams")
    func standard() throws {
        let json = """
            {"tcp://10.0.0.1:20000": {"type": "forward"}, "tcp://10.0.0.1:20001": {"type": "periodic", "config": [5, 0.5]},
             "tcp://10.0.0.1:20002": {"type": "batch", "config": [2, 100]}, "tcp://10.0.0.1:20003": {"type": "periodic", "config": [1, 10]}}
            """
        #expect(
            try streams(json, key: "live_stream_configs").map(\.selection) == [
                .image, .burst(5, hertz: 0.5), .batch(2, of: 100), .hertz(10),
            ])
        let document = DocumentText.eiger.with("live_stream_configs", json).with("streams", "[]")
        #expect(try document.read().configuration.liveStreams.isEmpty)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var base = DocumentText.eiger
        var key = "streams"
        var json: String
        var path: String
        var says: String
        var testDescription: String { json }
    }

    private static func entry(_ more: String, address: String = "tcp://*:9001", format: String = "array-1.0") -> String {
        #"[{"format": "\#(format)", "address": "\#(address)"\#(more.isEmpty ? "" : ", " + more)}]"#
    }

    static let mistakes: [Mistake] = [
        Mistake(json: "{}", path: "streams", says: "an array of objects"),
        Mistake(json: "[1]", path: "streams[0]", says: "an object"),
        Mistake(json: "[{}]", path: "streams[0].format", says: "\"array-1.0\""),
        Mistake(json: #"[{"format": "array-1.0"}]"#, path: "streams[0].address", says: "tcp://*:9001"),
        Mistake(json: #"[{"format": "jpeg", "address": "tcp://*:9001"}]"#, path: "streams[0].format", says: "\"array-1.0\""),
        Mistake(json: entry("", address: "9001"), path: "streams[0].address", says: "ipc:///tmp/name"),
        Mistake(json: entry("", address: "tcp://*:0"), path: "streams[0].address", says: "tcp://*:0"),
        Mistake(json: entry("", address: "tcp://9001"), path: "streams[0].address", says: "tcp://9001"),
        Mistake(json: entry(#""every": 0"#), path: "streams[0].every", says: "from 1"),
        Mistake(json: entry(#""rate": 0"#), path: "streams[0].rate", says: "0.001"),
        Mistake(json: entry(#""rate": 1, "every": 2"#), path: "streams[0].rate", says: "every and rate"),
        Mistake(json: entry(#""burst": 2"#), path: "streams[0].burst", says: "bursts a second"),
        Mistake(json: entry(#""batch": [2]"#), path: "streams[0].batch", says: "[n, m]"),
        Mistake(json: entry(#""batch": [3, 2]"#), path: "streams[0].batch", says: "[n, m]"),
        Mistake(json: entry(#""region": [0, 0, 9]"#), path: "streams[0].region", says: "3 numbers"),
        Mistake(json: entry(#""region": [0, 0, 99999, 9]"#), path: "streams[0].region", says: "65535"),
        Mistake(json: entry(#""region": [0, 0, 5000, 9]"#), path: "streams[0].region", says: "5000"),
        Mistake(json: entry(#""region": [9, 0, 8, 9]"#), path: "streams[0].region", says: "[9, 0, 8, 9]"),
        Mistake(json: entry(#""binning": 65"#), path: "streams[0].binning", says: "64"),
        Mistake(json: entry(#""region": [0, 0, 9, 9], "binning": 11"#), path: "streams[0].binning", says: "1 to 10"),
        Mistake(base: .jungfrau, json: entry(#""binning": 2"#), path: "streams[0].binning", says: "gain stage"),
        Mistake(json: entry(#""binning": 2"#, format: "metadata"), path: "streams[0]", says: "no pixels"),
        Mistake(json: entry(#""pattern": "push""#, format: "sls"), path: "streams[0].pattern", says: "pub"),
        Mistake(json: entry(#""colour": 2"#), path: "streams[0].colour", says: "known key"),
        Mistake(json: entry(#""adress": "x""#), path: "streams[0].adress", says: "did you mean streams[].address?"),
        Mistake(
            json: #"[{"format": "array-1.0", "address": "tcp://*:1"}, {"format": "metadata", "address": "tcp://*:1"}]"#,
            path: "streams[1].address", says: "streams[0]"),
        Mistake(key: "live_stream_configs", json: #"{"tcp://*:1": 5}"#, path: "live_stream_configs.tcp://*:1", says: "found 5"),
        Mistake(
            key: "live_stream_configs", json: #"{"tcp://*:1": {"type": "periodic", "config": [0, 1]}}"#,
            path: "live_stream_configs.tcp://*:1", says: "another config"),
        Mistake(
            key: "live_stream_configs", json: #"{"tcp://*:1": {"type": "sometimes"}}"#, path: "live_stream_configs.tcp://*:1",
            says: "sometimes"),
    ]

    @Test("A mistake is reported once, at its place", arguments: mistakes)
    func refused(_ mistake: Mistake) throws {
        let problems = mistake.base.with(mistake.key, mistake.json).problems(strict: true)
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect(problem.path.description == mistake.path)
        #expect(problem.description.contains(mistake.says), "\(problem)")
        #expect(problem.origin != nil)
    }
}
