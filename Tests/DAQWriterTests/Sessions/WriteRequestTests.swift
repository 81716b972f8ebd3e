import DAQCore
import DAQWriter
import Glibc
import Testing

@Suite struct WriteRequestTests {
    @Test func everyKeyIsRead() throws {
        let text = """
            {"output": "{detector}/{run}_{part}.h5", "run": "7", "ids": [10, 20], "patience": 5, "format": "nxmx",
             "mode": "swmr", "compression": "bslz4", "split_images": 100, "split_bytes": 1000000, "split_seconds": 2.5,
             "owner": "root", "group": "root", "permissions": "640"}
            """
        let request = try WriteRequest(json: text.utf8)
        #expect(request.extent == .ids(10...20))
        #expect(request.run == "7")
        #expect(request.patience == 5)
        #expect(request.options.format == .nxmx)
        #expect(request.options.mode == .swmr)
        #expect(request.options.imagesPerPart == 100)
        #expect(request.options.bytesPerPart == 1_000_000)
        #expect(request.options.secondsPerPart == 2.5)
        #expect(request.compression == .bslz4)
        #expect(request.ownership.owner == "root")
        #expect(request.ownership.permissions == 0o640)
        let name = try request.output.name(detector: "JF 4M/a", run: request.run, time: 0)
        #expect(name == "JF-4M-a/7.h5")
    }

    @Test(arguments: [
        (#"{"output": "a", "images": 5, "from": 7}"#, WriteSession.Extent.images(5), WriteRequest.Start.id(7)),
        (#"{"output": "a", "seconds": 1.5, "back": 9}"#, .seconds(1.5), .back(9)),
        (#"{"output": "a"}"#, .untilStopped, .next),
    ])
    func extentsAndStarts(text: String, extent: WriteSession.Extent, start: WriteRequest.Start) throws {
        let request = try WriteRequest(json: text.utf8)
        #expect(request.extent == extent)
        #expect(request.start == start)
    }

    @Test(arguments: [
        ("[]", "expected an object"),
        ("{", "line 1"),
        ("{}", "output"),
        (#"{"output": ""}"#, "expected a text"),
        (#"{"output": "{day}"}"#, "{day}"),
        (#"{"output": "{date"}"#, "a } for every {"),
        (#"{"output": "{part}_{run}"}"#, "_{part} at the end"),
        (#"{"output": "a", "images": 0}"#, "images"),
        (#"{"output": "a", "images": 1, "seconds": 1}"#, "either this or images"),
        (#"{"output": "a", "ids": [1, 2], "from": 1}"#, "either this or ids"),
        (#"{"output": "a", "ids": [3, 2]}"#, "such as [1, 1000]"),
        (#"{"output": "a", "imagse": 2}"#, "imagse"),
        (#"{"output": "a", "output": "b"}"#, "every key once"),
        (#"{"output": "a", "mode": "fast"}"#, #""safe" or "swmr""#),
        (#"{"output": "a", "permissions": "777"}"#, "octal digits"),
        (#"{"output": "a", "permissions": "066"}"#, "octal digits"),
    ])
    func everythingElseIsRefused(text: String, words: String) {
        let error = #expect(throws: ConfigurationError.self) { try WriteRequest(json: text.utf8) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func allProblemsAreToldAtOnce() {
        let error = #expect(throws: ConfigurationError.self) {
            try WriteRequest(json: #"{"images": -1, "mode": 7, "what": null}"#.utf8)
        }
        #expect(error?.problems.count == 4)
    }

    @Test(arguments: [
        ("x_{part}", "x.h5"), ("x_{part}.hdf5", "x.hdf5"), ("x", "x.h5"), ("a.b/x", "a.b/x.h5"), (".hidden", ".hidden.h5"),
        ("{date}T{time}", "20260131T120305.h5"), ("{detector}.nxs", "d-1.5.nxs"), ("{detector}", "d-1.5.h5"),
    ])
    func names(template: String, name: String) throws {
        #expect(try FileNameTemplate(template).name(detector: "d-1.5", run: nil, time: 1_769_860_985) == name)
    }

    @Test func aRunThatIsNotNamedIsRefused() throws {
        let template = try FileNameTemplate("{run}")
        #expect(throws: WriteRefusal.self) { try template.name(detector: "d", run: nil, time: 0) }
        #expect(try template.name(detector: "d", run: "../../etc/x y", time: 0) == "-.-..-etc-x-y.h5")
    }
}
