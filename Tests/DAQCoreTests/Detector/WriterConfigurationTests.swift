import Testing

@testable import DAQCore

@Suite("Configuration of files")
struct WriterConfigurationTests {
    private func writer(_ json: String) throws -> WriterConfiguration {
        let text = DocumentText.eiger.with("writer", json)
        return try ConfigurationDocument(json: text.text.utf8, folder: "/etc/daq", strict: true).configuration.writer
    }

    @Test("Every key of the group is read")
    func allKeys() throws {
        let found = try writer(
            """
            {"format": "nxmx", "file_mode": "swmr", "compression": "bszstd", "images_per_file": 1000, "bytes_per_file": 4e9,
             "seconds_per_file": 12.5, "roots": ["/data", "local"], "owner": "daq", "group": "x06sa",
             "permissions": "640"}
            """)
        var expected = WriterConfiguration()
        expected.format = .nxmx
        expected.mode = .swmr
        expected.compression = .bszstd
        expected.imagesPerFile = 1000
        expected.bytesPerFile = 4_000_000_000
        expected.secondsPerFile = 12.5
        expected.roots = ["/data", "/etc/daq/local"]
        expected.owner = "daq"
        expected.group = "x06sa"
        expected.permissions = "640"
        #expect(found == expected)
        #expect(try writer("{}") == WriterConfiguration())
        #expect(try writer(#"{"direct_io": true}"#).bypassesPageCache)
    }

    @Test(
        "What is wrong is named with its key",
        arguments: [
            (#"{"format": "tiff"}"#, "writer.format", "\"nxmx\""), (#"{"file_mode": 1}"#, "writer.file_mode", "\"swmr\""),
            (#"{"compression": "gzip"}"#, "writer.compression", "\"bslz4\""),
            (#"{"images_per_file": 0}"#, "writer.images_per_file", "from 1"),
            (#"{"bytes_per_file": "4 GB"}"#, "writer.bytes_per_file", "an integer"),
            (#"{"seconds_per_file": -1}"#, "writer.seconds_per_file", "from 0"),
            (#"{"roots": "/data"}"#, "writer.roots", "an array of texts"),
            (#"{"roots": ["/a", 7]}"#, "writer.roots[1]", "a text"),
            (#"{"roots": [""]}"#, "writer.roots[0]", "a directory"), (#"{"owner": ""}"#, "writer.owner", "a name"),
            (#"{"permissions": "777"}"#, "writer.permissions", "octal"),
            (#"{"permissions": 640}"#, "writer.permissions", "a text"),
            ("[]", "writer", "an object"), (#"{"file_format": "stack"}"#, "writer.file_format", "a known key"),
        ])
    func mistakes(json: String, path: String, says: String) throws {
        let problems = DocumentText.eiger.with("writer", json).problems(strict: true)
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect("\(problem.path)" == path)
        #expect("\(problem)".contains(says), "\(problem)")
    }

    @Test("Direct I/O without effect is a warning")
    func withoutEffect() throws {
        let text = DocumentText.eiger.with("writer", #"{"direct_io": true, "compression": "bslz4"}"#)
        let warnings = try ConfigurationDocument(json: text.text.utf8).warnings
        #expect(warnings.map { "\($0.path)" } == ["writer.direct_io"])
    }
}
